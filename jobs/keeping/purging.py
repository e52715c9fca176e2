"""The end of what is in the trash: its files go for good. Its row stays, for the books.

So do, a week after they were last chosen, images and films that somebody brought for it alone.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.text import Truncator

from jobs import archive
from jobs.keeping.changes import GONE, Change, Done, count, locked, note, with_copies, write
from jobs.models import AuditEvent, Job, JobEvent, JobImage, Rendition, SharedTake, User
from jobs.models.jobs.job import Jobs
from jobs.times import clock

logger = logging.getLogger(__name__)

AT_ONCE = 100


def purge(ids: Collection[UUID], by: User) -> Done:
    """Delete what is in the trash for good, files and all: their owner and admins may.

    Nothing brings it back. Raises `limits.TooMany`.
    """
    count(ids, by)
    done = _purged(Job.objects.trash_of(by), ids, by)
    archive.discard()
    return done


def purge_due() -> int:
    """Delete for good what has been in the trash for its time; how many videos."""
    old = clock.after(-timedelta(days=settings.TRASH_DAYS).total_seconds())
    due = Job.objects.filter(trashed_at__lt=old, purged_at=None)
    gone = 0
    while ids := list(due.takes().order_by("trashed_at").values_list("pk", flat=True)[:AT_ONCE]):
        gone += len(_purged(due, ids, None).changes)
    archive.discard()
    return gone


def _purged(rows: Jobs, ids: Collection[UUID], by: User | None) -> Done:
    with transaction.atomic():
        # Of somebody who restores one at the same time, the first to lock it has it.
        jobs = locked(rows.filter(purged_at=None), ids)
        done = Done([Change(job.pk, "trash", "", "") for job in jobs])
        done.refused.extend([GONE] * (len(set(ids)) - len(jobs)))
        write(done.videos, purged_at=Now())
        files = Rendition.objects.filter(job__in=with_copies(done.videos))
        SharedTake.objects.filter(rendition__in=files).update(
            marking=SharedTake.Marking.NONE, try_at=None
        )
        files.update(state=Rendition.State.PURGED, try_at=None, missing_host="", problem="")
        # What nothing else was made from is unused from now on.
        JobImage.objects.filter(job__in=done.videos).delete()
        said = "Deleted for good: its files are gone"
        JobEvent.objects.bulk_create(note(job, said, by) for job in jobs)
        AuditEvent.objects.bulk_create(
            AuditEvent(
                actor=by,
                action="video deleted for good",
                subject=Truncator(job.label).chars(200),
                job=job,
            )
            for job in jobs
        )
    return done
