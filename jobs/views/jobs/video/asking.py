"""What the page of a video asks of the database, each question put together once for all videos."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from jobs import shares
from jobs.models import Job, ReviewNote, ShareLink, User, prepared, visible
from jobs.models.jobs.job import Jobs
from jobs.views.jobs import live as live_updates

LINKS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Watched:
    """A video, and what is made of it, which shows on its page too: as far as one may see it."""

    job_id: UUID
    viewer: User

    def changed_after(self, moment: datetime) -> Iterable[live_updates.Row]:
        """The latest changes since then."""
        return visible.rows(self.viewer, "changes of a video", _changes, self.job_id, moment)

    def cursor(self) -> str:
        """That of the page that is being rendered."""
        rows = visible.rows(self.viewer, "cursor of a video", _newest, self.job_id)
        return live_updates.cursor_of(rows, self.changed_after)

    def interval(self) -> int:
        """Seconds until the next poll."""
        paces = visible.rows(self.viewer, "pace of a video", _pace, self.job_id)
        return live_updates.interval_of(paces)


def notes_on(video: Job) -> list[ReviewNote]:
    """What visitors of links said of it, with the answers."""
    return prepared.rows("notes on a video", _notes, video.pk)


def links_of(video: Job) -> list[ShareLink]:
    """The links it is on, for whoever may see it: its owner can end those of others too."""
    return prepared.rows("links of a video", _links, video.pk)


def _watched(viewer: User, job_id: UUID) -> Jobs:
    parts = Q(pk=job_id) | Q(source=job_id) | Q(draft=job_id)
    return Job.objects.visible_to(viewer).filter(parts)


def _changes(viewer: User, job_id: UUID, moment: datetime) -> QuerySet[Job, live_updates.Row]:
    return live_updates.changed_after(_watched(viewer, job_id), moment)


def _newest(viewer: User, job_id: UUID) -> QuerySet[Job, live_updates.Row]:
    return live_updates.newest(_watched(viewer, job_id))


def _pace(viewer: User, job_id: UUID) -> QuerySet[Job, int]:
    return live_updates.pace(_watched(viewer, job_id))


def _notes(job_id: UUID) -> QuerySet[ReviewNote]:
    said = ReviewNote.objects.of_job(Job(pk=job_id)).filter(answer_to=None).with_people()
    return said.prefetch_related("answers__author")


def _links(job_id: UUID) -> QuerySet[ShareLink]:
    found = shares.links_showing(Job(pk=job_id)).select_related("owner", "made_by")
    shown = Q(takes__rendition__job__trashed_at=None)
    return found.annotate(take_count=Count("takes", filter=shown))[:LINKS_SHOWN]
