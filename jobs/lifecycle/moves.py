"""One move of one job: the compare-and-set that everything else here is made of."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from jobs import measures, news
from jobs.models import Job, JobEvent, User, prepared
from jobs.models.jobs.status import MOVES, Status

logger = logging.getLogger(__name__)

EVERY = Q()
ALARMING = {Status.UNCERTAIN: logging.WARNING, Status.LOST: logging.ERROR}
"""What a person has to look at, and how loudly the log says so."""


def move(
    job_id: UUID,
    before: tuple[str, ...],
    after: str,
    text: str = "",
    *,
    actor: User | None = None,
    claim: int | None = None,
    where: Q = EVERY,
    **fields: Any,
) -> bool:
    """Move the job to `after` if it stands in one of `before`; true if this call did it.

    With `claim`, only while that claim is still the job's latest; with `where`, only if that
    holds as well. `fields` are set along.
    """
    rows = Job.objects.filter(where, pk=job_id)
    if claim is not None:
        rows = rows.filter(claims=claim)
    with transaction.atomic():
        for status in before:
            if after not in MOVES[status]:
                raise ValueError(f"a job never moves from {status} to {after}")
            if rows.filter(status=status).update(
                status=after,
                version=F("version") + 1,
                changed_at=Now(),
                # Whoever marked it as done meant it as it stood.
                closed_at=None,
                closed_by=None,
                **fields,
            ):
                event = {"before": status, "after": after, "text": text[:500], "actor": actor}
                prepared.add(JobEvent(job_id=job_id, **event))
                news.moved(job_id, status, after, by=actor)
                transaction.on_commit(partial(measures.moved, str(after)))
                if after in ALARMING:
                    transaction.on_commit(partial(_log, job_id, after, text))
                return True
    return False


def _log(job_id: UUID, status: str, text: str) -> None:
    logger.log(ALARMING[Status(status)], "job %s is %s: %s", job_id, status, text)


def touch(job: Job, text: str = "", **fields: Any) -> None:
    """Change facts of a job that still stands where it stood, so that open pages show them."""
    with transaction.atomic():
        rows = Job.objects.filter(pk=job.pk, status=job.status)
        if rows.update(version=F("version") + 1, changed_at=Now(), **fields) and text:
            JobEvent.objects.create(job=job, before=job.status, after=job.status, text=text[:500])
