"""Finished videos to build on, made through the verbs, without a provider."""

from __future__ import annotations

from itertools import count
from typing import Any

from jobs import lifecycle
from jobs.lifecycle.sending import claims
from jobs.models import Job, User
from jobs.providers.base import Result, Snapshot, State
from tests.support import factories
from tests.support.running import purge_queue

_numbers = count(1)


def running(owner: User, external_id: str = "", **changes: Any) -> Job:
    """A job that its provider took."""
    job = factories.job(owner, **changes)
    claim = claims.claim_job(job.pk)
    assert claim is not None
    lifecycle.accept(job.pk, external_id or f"take-{next(_numbers)}", None, claim=claim.number)
    job.refresh_from_db()
    return job


def finished(owner: User, *, fallback: bool = False, external_id: str = "", **changes: Any) -> Job:
    """A video that succeeded a moment ago; its file is still to be fetched."""
    job = running(owner, external_id, **changes)
    result = Result(f"https://files.example/{job.external_id}.mp4", job.resolution)
    lifecycle.observe(job.pk, Snapshot(State.SUCCEEDED, results=(result,), fallback=fallback))
    purge_queue()
    job.refresh_from_db()
    return job
