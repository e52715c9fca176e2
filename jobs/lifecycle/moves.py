"""One move of one job: the compare-and-set that everything else here is made of."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Now

from jobs import news
from jobs.machine import measures
from jobs.models import Job, JobEvent, User, prepared
from jobs.models.jobs.status import MOVES, Status

logger = logging.getLogger(__name__)

EVERY = Q()
MOVED: Mapping[str, Any] = {
    "version": F("version") + 1,
    "changed_at": Now(),
    # Whoever marked it as done meant it as it stood.
    "closed_at": None,
    "closed_by": None,
}
"""What changes with every move."""
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
    shape: Hashable = None,
    **fields: Any,
) -> bool:
    """Move the job to `after` if it stands in one of `before`; true if this call did it.

    With `claim`, only while that claim is still the job's latest; with `where`, only if that
    holds as well. `fields` are set along. A `shape` names a move that is made of every order: the
    same one means the same `where`, and the same expressions in `fields` (`prepared.update`).
    """
    given = (job_id,) if claim is None else (job_id, claim)
    with transaction.atomic():
        for status in before:
            if after not in MOVES[status]:
                raise ValueError(f"a job never moves from {status} to {after}")
            values = {"status": after, **MOVED, **fields}
            rows = partial(_standing, where, status)
            if shape is None:
                moved = rows(*given).update(**values)
            else:
                key = ("moved", shape, status, after, claim is None)
                moved = prepared.update(key, rows, values, *given)
            if moved:
                event = {"before": status, "after": after, "text": text[:500], "actor": actor}
                prepared.add(JobEvent(job_id=job_id, **event))
                news.moved(job_id, status, after, by=actor)
                transaction.on_commit(partial(measures.moved, str(after)))
                if after in ALARMING:
                    transaction.on_commit(partial(_log, job_id, after, text))
                return True
    return False


def _standing(where: Q, status: str, job_id: UUID, claim: int | None = None) -> QuerySet[Job]:
    rows = Job.objects.filter(where, pk=job_id, status=status)
    # As a Value no number is beyond the column's range, nor is what stands for it in `prepared`.
    return rows if claim is None else rows.filter(claims=Value(claim))


def _log(job_id: UUID, status: str, text: str) -> None:
    logger.log(ALARMING[Status(status)], "job %s is %s: %s", job_id, status, text)


def touch(job: Job, text: str = "", **fields: Any) -> None:
    """Change facts of a job that still stands where it stood, so that open pages show them."""
    with transaction.atomic():
        rows = Job.objects.filter(pk=job.pk, status=job.status)
        if rows.update(version=F("version") + 1, changed_at=Now(), **fields) and text:
            JobEvent.objects.create(job=job, before=job.status, after=job.status, text=text[:500])
