"""What was changed about videos, and the rows that it is changed on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Now

from jobs import limits
from jobs.letters.explained import Explained
from jobs.limits import Limit
from jobs.models import Job, JobEvent, User
from jobs.models.jobs.job import Jobs
from jobs.providers.base import UPGRADES, Kind

What = Literal["title", "project", "trash"]
GONE = "no longer there"
FOREIGN = "not yours to change"


class NotKept(Explained):
    """Nothing was changed; `user_message` says why."""


@dataclass(frozen=True, slots=True)
class Change:
    """One fact of one video that was changed, and all it takes to undo that."""

    video: UUID
    what: What
    before: str
    """Its title; the id of its project, or nothing; nothing of the trash."""
    after: str


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    changes: list[Change] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Of each video that is as it was because it had to be, the reason in a few words."""

    @property
    def videos(self) -> list[UUID]:
        return [each.video for each in self.changes]


def count(ids: Collection[UUID], by: User) -> None:
    """Raises `limits.TooMany`."""
    limits.take(Limit.CHOICES, by.pk, amount=max(len(set(ids)), 1))


def locked(rows: Jobs, ids: Collection[UUID]) -> list[Job]:
    """Those videos, until the end nobody else's: before anything that is made of them.

    A larger copy is no video of its own: it goes where the one goes that it was made of. Locked as
    well is what `write` tells of a change, all in one turn.
    """
    seen = rows.takes().filter(pk__in=ids)
    found = list(seen.order_by().values_list("pk", flat=True))
    both = Job.objects.filter(Q(pk__in=found) | Q(source__in=found, kind=Kind.EXTEND))
    list(both.in_turn().select_for_update(no_key=True).values_list("pk", flat=True))
    # Read once they are locked: a row that was waited for is as it is by now, or not among them.
    return list(seen.filter(pk__in=found).in_turn().select_related("project"))


def is_theirs(job: Job, by: User) -> bool:
    return by.is_admin or job.owner_id == by.pk


def copies_of(ids: Collection[UUID]) -> Jobs:
    """The larger copies of these videos."""
    return Job.objects.filter(source__in=ids, kind__in=UPGRADES)


def with_copies(ids: Collection[UUID]) -> Jobs:
    """The videos of these ids, and the larger copies of them."""
    return Job.objects.filter(Q(pk__in=ids) | Q(source__in=ids, kind__in=UPGRADES))


def write(ids: Collection[UUID], **fields: Any) -> None:
    """Set this of locked videos and of their copies, and let open pages see it.

    Those of longer films too, whose cards name what they were extended from.
    """
    with_copies(ids).update(version=F("version") + 1, changed_at=Now(), **fields)
    Job.objects.filter(source__in=ids, kind=Kind.EXTEND).show_changed()


def note(job: Job, text: str, by: User | None) -> JobEvent:
    """A line for its history, which stays where it stood."""
    return JobEvent(job=job, before=job.status, after=job.status, text=text[:500], actor=by)
