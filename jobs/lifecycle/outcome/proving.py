"""Prove that an id of a provider's is a job's, and give it to the job."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from jobs.lifecycle.moves import move
from jobs.lifecycle.outcome.cadence import next_check_seconds
from jobs.models import Job
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS
from jobs.providers.base import Snapshot, State
from jobs.secrets.tokens import hash_token
from jobs.times import clock


def attach(job: Job, external_id: str) -> bool:
    """Give an id that was proved to be this job's to a job that has none."""
    try:
        if move(
            job.pk,
            (Status.UNCERTAIN,),
            Status.RUNNING,
            "Found at the provider",
            external_id=external_id,
            is_confirmed=True,
            check_at=clock.after(next_check_seconds(0, job.usual_seconds)),
            error_code="",
            error="",
        ):
            return True
        with transaction.atomic():
            return bool(
                Job.objects.filter(
                    pk=job.pk, status__in=[Status.FAILED, Status.LOST], external_id=""
                ).update(external_id=external_id)
            )
    except IntegrityError:
        return False


def is_proof(job: Job, external_id: str, snapshot: Snapshot) -> bool | None:
    """True if the answer about an id, asked with this job's key, proves it to be this job's.

    None where it shows neither: the record may not be there yet.

    A provider that repeats nothing (docs/contracts.md, veo4 2) leaves the secret of the callback
    address as the proof: only it and we know which address was given for this job.
    """
    others = Job.objects.filter(provider=job.provider, external_id=external_id).exclude(pk=job.pk)
    if others.exists():
        return False
    if snapshot.state in (State.MISSING, State.UNCLEAR):
        return None
    echo = snapshot.echo
    if echo is None:
        return None if PROVIDERS[job.provider].echoes else True
    # A restored database does not know the address that was given for what it tells nothing of.
    if echo.callback_url and job.callback_hash:
        token = urlsplit(echo.callback_url).path.rstrip("/").rpartition("/")[2]
        return hmac.compare_digest(hash_token(token), job.callback_hash)
    settings = (
        (echo.model, job.model),
        (echo.resolution, job.resolution),
        # What was left to the model proves nothing.
        (echo.duration if job.duration else None, job.duration),
    )
    same_settings = all(said is None or said == ordered for said, ordered in settings)
    # Of twins without a seed neither id is taken already, and each film is as good as the other.
    same_seed = echo.seed == job.seed if job.has_seed else echo.seed is None
    return same_settings and same_seed and echo.prompt == job.prompt
