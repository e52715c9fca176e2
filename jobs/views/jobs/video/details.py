"""What stands in the details of a video: where its time and its credits went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from jobs.models import Job, JobEvent, LedgerEntry, User, prepared
from jobs.providers.base import UPGRADES, Kind, size_name
from jobs.views.jobs.cards.card import Card
from jobs.views.jobs.video.family import Family

Kinds = LedgerEntry.Kind


class Phase(NamedTuple):
    """A stretch of a job's time; start and width are percent of the whole."""

    name: str
    seconds: float
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Account:
    """The movements of credits for one job, the oldest first."""

    job: Job
    entries: Sequence[LedgerEntry]

    @property
    def name(self) -> str:
        return name_of(self.job)

    @property
    def reserved(self) -> int:
        """Credits that are set aside for it now."""
        return sum(entry.held for entry in self.entries)

    @property
    def spent(self) -> int:
        """Credits that it came to. A grant for it alone is no part of that."""
        return -sum(entry.credits for entry in self.entries if entry.kind != Kinds.GRANT)

    @property
    def returned(self) -> int:
        """Credits that were set aside for it, and were not spent on it."""
        held = sum(entry.held for entry in self.entries if entry.kind == Kinds.HOLD)
        return max(held - self.reserved - self.spent, 0)


@dataclass(frozen=True, slots=True)
class Books:
    """The credits of a video and of all that was made of it, as far as one may see it."""

    accounts: Sequence[Account]

    @property
    def reserved(self) -> int:
        return sum(each.reserved for each in self.accounts)

    @property
    def spent(self) -> int:
        return sum(each.spent for each in self.accounts)

    @property
    def returned(self) -> int:
        return sum(each.returned for each in self.accounts)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline: an event, and of what was made of the video, which of it."""

    event: JobEvent
    of: str


def made_of(job: Job, viewer: User, family: Family) -> list[Job]:
    """The job itself, and all that was made of it that this person may see, the oldest first."""
    if not family.later:
        return [job]
    seen = Job.objects.visible_to(viewer).filter(pk__in=family.later).order_by("created_at", "pk")
    return [job, *seen]


def name_of(job: Job) -> str:
    """What a job is beside the video that it was made of: 1080p, 4K, Extension."""
    if job.kind in UPGRADES:
        return size_name(UPGRADES[Kind(job.kind)])
    return "Extension" if job.kind == Kind.EXTEND else "Video"


def books_of(jobs: Sequence[Job]) -> Books:
    """One query."""
    of_each: dict[UUID, list[LedgerEntry]] = {job.pk: [] for job in jobs}
    some = prepared.padded(of_each)
    for entry in prepared.rows(("entries", len(some)), _entries, *some):
        if entry.job_id is not None:
            of_each[entry.job_id].append(entry)
    return Books([Account(job, of_each[job.pk]) for job in jobs if of_each[job.pk]])


def timeline_of(jobs: Sequence[Job]) -> list[Line]:
    """What happened to all of them, in the order in which it did. One query."""
    names = {job.pk: name_of(job) for job in jobs[1:]}
    some = prepared.padded(job.pk for job in jobs)
    events = prepared.rows(("events", len(some)), _events, *some)
    return [Line(event, names.get(event.job_id, "")) for event in events]


def _entries(*jobs: UUID) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.of_people().filter(job__in=jobs).order_by("id")


def _events(*jobs: UUID) -> QuerySet[JobEvent]:
    return JobEvent.objects.filter(job__in=jobs).select_related("actor").order_by("id")


def phases_of(card: Card) -> list[Phase]:
    """The time of a finished job by its phases, as the bar above its timeline shows it."""
    job, stored = card.job, card.stored_at
    if not (job.sent_at and job.finished_at and stored):
        return []
    moments = [job.created_at, job.sent_at, job.finished_at, max(stored, job.finished_at)]
    whole = max((moments[-1] - moments[0]).total_seconds(), 0.001)
    return [
        Phase(
            name,
            (end - start).total_seconds(),
            round(100 * (start - moments[0]).total_seconds() / whole, 2),
            round(100 * (end - start).total_seconds() / whole, 2),
        )
        for name, start, end in zip(
            ("Waiting", "Rendering", "Storing"), moments, moments[1:], strict=False
        )
    ]
