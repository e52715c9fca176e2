"""The end of a job that certainly nothing was made of."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from jobs import ledger
from jobs.lifecycle.moves import move
from jobs.models import Job
from jobs.models.jobs.status import Status


def fail_unmade(
    job: Job,
    before: tuple[str, ...],
    text: str,
    *,
    code: str,
    error: str,
    reason: str,
    **only: Any,
) -> bool:
    """Fail it at no cost, and release what it holds, at once; true if this call did it.

    `text` goes into its history, `error` onto its card, `reason` into the ledger. `only`: what has
    to hold besides, as `move` takes it (`claim`, `where`).
    """
    with transaction.atomic():
        if not move(
            job.pk,
            before,
            Status.FAILED,
            text,
            lease_until=None,
            finished_at=Now(),
            charged=0,
            error_code=code,
            error=error[:500],
            **only,
        ):
            return False
        ledger.release(job, reason=reason)
    return True
