"""What is thrown away: out of sight at once, its files kept for a while, and back until then."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from jobs.keeping.changes import (
    FOREIGN,
    GONE,
    Change,
    Done,
    copies_of,
    count,
    is_theirs,
    locked,
    note,
    with_copies,
    write,
)
from jobs.models import Job, JobEvent, SharedTake, User
from jobs.models.jobs.status import FINISHED, Status

UNFINISHED = {
    Status.AWAITING_BUDGET: "waiting for approval: cancel it first",
    Status.AWAITING_PICK: "waiting for a client’s pick",
    Status.QUEUED: "not sent yet: cancel it first",
    Status.UNCERTAIN: "in doubt: find out first whether it was made",
}
RENDERING = "still being made"
GROWING = "being upgraded"
OFFERED = "on a link where a client can still pick it for 4K"


def throw_away(ids: Collection[UUID], by: User) -> Done:
    """Put videos into the trash with their larger copies: their owner and admins may.

    Only what is over, and of which nothing more is made larger. Raises `limits.TooMany`.
    """
    count(ids, by)
    done = Done()
    with transaction.atomic():
        jobs = locked(Job.objects.visible_to(by), ids)
        done.refused.extend([GONE] * (len(set(ids)) - len(jobs)))
        # Read once they are locked: who orders a copy of one locks it as well.
        growing, offered = _growing(jobs), _offered(jobs)
        for job in jobs:
            if reason := _reason(job, by, growing, offered):
                done.refused.append(reason)
            else:
                done.changes.append(Change(job.pk, "trash", "", ""))
        _note(jobs, done.videos, "Deleted: it is in the trash", by)
        write(done.videos, trashed_at=Now(), trashed_by=by)
    return done


def restore(ids: Collection[UUID], by: User) -> Done:
    """Take videos out of the trash, back to where they were. Raises `limits.TooMany`."""
    count(ids, by)
    with transaction.atomic():
        jobs = locked(Job.objects.trash_of(by).filter(purged_at=None), ids)
        done = Done([Change(job.pk, "trash", "", "") for job in jobs])
        done.refused.extend([GONE] * (len(set(ids)) - len(jobs)))
        write(done.videos, trashed_at=None, trashed_by=None)
        _note(jobs, done.videos, "Restored from the trash", by)
    return done


def ends_on(trashed_at: datetime) -> datetime:
    """The moment from which the files of what was thrown away then go for good."""
    return trashed_at + timedelta(days=settings.TRASH_DAYS)


def _reason(job: Job, by: User, growing: set[UUID], offered: set[UUID]) -> str:
    if not is_theirs(job, by):
        return FOREIGN
    if job.status not in FINISHED:
        return UNFINISHED.get(Status(job.status), RENDERING)
    if job.pk in offered:
        return OFFERED
    return GROWING if job.pk in growing else ""


def _growing(jobs: Iterable[Job]) -> set[UUID]:
    """Those of which a larger copy is being made, or is ordered."""
    ids = [job.pk for job in jobs]
    copies = copies_of(ids).exclude(status__in=FINISHED)
    return {each for each in copies.values_list("source", flat=True) if each}


def _offered(jobs: Iterable[Job]) -> set[UUID]:
    """Those that stand on a link on which one is still to be picked."""
    ids = {job.pk for job in jobs}
    takes = SharedTake.objects.filter(
        link__upgrade__status=Status.AWAITING_PICK, rendition__job__in=with_copies(ids)
    )
    shown = takes.values_list("rendition__job", "rendition__job__source")
    return {pk for pair in shown for pk in pair if pk} & ids


def _note(jobs: Iterable[Job], changed: Collection[UUID], text: str, by: User) -> None:
    JobEvent.objects.bulk_create(note(job, text, by) for job in jobs if job.pk in changed)
