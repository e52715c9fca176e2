"""The videos that somebody looks for, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from jobs import lifecycle
from jobs.letters import counts
from jobs.models import Job, User
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.status import Status
from jobs.models.words import texts_first
from jobs.providers import PROVIDERS
from jobs.providers.base import Kind, lines_of
from jobs.times import moments

NO_PROJECT = 0
SIZES = ("720p", "1080p", "4k")
MB = 1_000_000
HALF_A_SECOND = 0.5
"""A film of 8 s is some frames longer or shorter than that."""
STATES: Mapping[str, tuple[str, Callable[[Jobs], Jobs]]] = {
    "ready": ("Ready", lambda jobs: jobs.ready()),
    "progress": ("In progress", lambda jobs: jobs.in_progress()),
    "attention": ("Needs attention", lambda jobs: jobs.needing_attention()),
    "budget": ("Awaiting budget", lambda jobs: jobs.filter(status=Status.AWAITING_BUDGET)),
    "failed": ("Failed", lambda jobs: jobs.filter(status=Status.FAILED)),
    "canceled": ("Canceled", lambda jobs: jobs.filter(status=Status.CANCELED)),
}
MADE: Mapping[str, tuple[str, dict[str, str]]] = {
    **{
        str(mode.value): (f"Made from {mode.label.lower()}", {"kind": Kind.GENERATE, "mode": mode})
        for mode in Job.Mode
    },
    "extend": ("Extended", {"kind": Kind.EXTEND}),
}
"""The operations that end in a video of its own, in words and as columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What narrows the videos down; an empty value does not."""

    words: str = ""
    person: int | None = None
    project: int | None = None
    """`NO_PROJECT` for those that are filed nowhere."""
    provider: str = ""
    model: str = ""
    made: str = ""
    """One of MADE."""
    state: str = ""
    """One of STATES."""
    ratio: str = ""
    size: str = ""
    """The largest that was kept of it."""
    min_seconds: int | None = None
    max_seconds: int | None = None
    min_mb: int | None = None
    frame_rate: str = ""
    first: date | None = None
    last: date | None = None
    """The last day, in TIME_ZONE as the first."""
    rating: int = 0
    tag: str = ""
    favorite: bool = False
    rejected: str = ""
    """hide, or only."""
    draft: bool = False
    shared: bool = False
    picked: bool = False
    extendable: bool = False

    def of(self, user: User) -> Jobs:
        """Those of them that this person may see, in no order."""
        if self.is_narrow and not (self._may_be_wide and Job.objects.has_few_texts(self.words)):
            return self._besides_words(Job.objects.matching(self.words).few_of(), user)
        # What finds few first: see `within`.
        matching = Job.objects.matching(self.words, self._besides_words(Job.objects.all(), user))
        jobs = self._besides_words(matching, user)
        jobs.is_beyond_count = matching.is_beyond_count
        return jobs

    def _besides_words(self, jobs: Jobs, user: User) -> Jobs:
        if self.tag:
            jobs = jobs.tagged(self.tag)
        jobs = jobs.visible_to(user).takes().within(**self._whose()).alike(**self._columns())
        for narrow in (self._by_team, self._by_file, self._by_days):
            jobs = narrow(jobs)
        if self.state:
            jobs = STATES[self.state][1](jobs)
        if self.shared:
            jobs = jobs.shared()
        if self.picked:
            jobs = jobs.picked()
        if self.extendable:
            longest = max(provider.retention for provider in PROVIDERS.values())
            condition = lifecycle.still_possible(Kind.EXTEND, user)
            jobs = jobs.lately(user.pk, timezone.now() - longest, condition)
        return jobs.order_by()

    @property
    def is_narrow(self) -> bool:
        """Something is asked beside the words that few videos are."""
        state = "" if self.state == "ready" else self.state
        rejected = "" if self.rejected == "hide" else self.rejected
        common = Sought(
            words=self.words,
            provider=self.provider,
            model=self.model,
            made=self.made,
            ratio=self.ratio,
        )
        return replace(self, state=state, rejected=rejected) != common

    @property
    def _may_be_wide(self) -> bool:
        """What makes it narrow may be much, as days and lengths are, or a tag."""
        anything = replace(self, first=None, last=None, min_seconds=None, max_seconds=None, tag="")
        return not anything.is_narrow

    def _whose(self) -> dict[str, int | None]:
        found: dict[str, int | None] = {"owner": self.person} if self.person else {}
        return found if self.project is None else {**found, "project": self.project or None}

    def _columns(self) -> dict[str, str]:
        """What else stands in the job's own row."""
        asked = {
            "provider": self.provider,
            "model": self.model,
            "aspect_ratio": self.ratio,
        }
        found = {name: value for name, value in asked.items() if value}
        return found | (MADE[self.made][1] if self.made else {})

    def _by_team(self, jobs: Jobs) -> Jobs:
        if self.favorite:
            jobs = jobs.favorites()
        if self.draft:
            jobs = jobs.filter(is_draft=True)
        if self.rating:
            jobs = jobs.rated(self.rating)
        if self.rejected == "only":
            return jobs.filter(is_rejected=True)
        return jobs.not_rejected() if self.rejected else jobs

    def _by_file(self, jobs: Jobs) -> Jobs:
        if seconds := self._seconds():
            jobs = jobs.lasting(**seconds)
        if self.min_mb:
            jobs = jobs.with_film(bytes__gte=self.min_mb * MB)
        if self.frame_rate:
            jobs = jobs.with_film(frame_rate=self.frame_rate)
        if self.size:
            jobs = jobs.filter(film_lines=lines_of(self.size))
        return jobs

    def _seconds(self) -> dict[str, float]:
        found: dict[str, float] = {}
        if self.min_seconds:
            found["gte"] = self.min_seconds - HALF_A_SECOND
        if self.max_seconds is not None:
            found |= {"gt": 0, "lt": self.max_seconds + HALF_A_SECOND}
        return found

    def _by_days(self, jobs: Jobs) -> Jobs:
        if self.first:
            jobs = jobs.filter(created_at__gte=moments.local(self.first))
        if self.last:
            jobs = jobs.filter(created_at__lt=moments.local(self.last + timedelta(days=1)))
        return jobs


def count(jobs: Jobs) -> int:
    """How many there are; COUNTED_MAX + 1 for any number above that."""
    if jobs.is_beyond_count or jobs.is_often:
        return counts.number_of(all_of(jobs))
    return _close_together(jobs).values("created_at")[: counts.COUNTED_MAX + 1].count()


def all_of(jobs: Jobs) -> list[UUID] | None:
    """The ids of all of them; None for more than COUNTED_MAX. Read once for each set of jobs."""
    if jobs.all_ids is ...:
        jobs.all_ids = _all_of(jobs)
    return jobs.all_ids


def _all_of(jobs: Jobs) -> list[UUID] | None:
    if jobs.is_beyond_count:
        return None
    if jobs.is_often:
        return texts_first.ids(jobs, jobs.often, counts.COUNTED_MAX)
    if not jobs.hits and count(jobs) > counts.COUNTED_MAX:
        # Of what nobody searches for they are sooner counted than read.
        return None
    rows = _close_together(jobs).values_list("pk", flat=True)
    ids = list(rows[: counts.COUNTED_MAX + 1])
    return ids if len(ids) <= counts.COUNTED_MAX else None


def newest_first(jobs: Jobs) -> Jobs:
    """All of them in this order, for whoever wants no more than COUNTED_MAX."""
    ids = all_of(jobs) if jobs.is_often else None
    found = jobs if ids is None else Job.objects.filter(pk__in=ids)
    return found.order_by("-created_at", "-pk")


def _close_together(jobs: Jobs) -> Jobs:
    """In the order in which the first of them are soonest read."""
    if jobs.among is not None:
        # Not by Exists: a plan for that which PostgreSQL keeps reads all jobs.
        return jobs.filter(pk__in=jobs.among).order_by()
    # The newest first, as an index has them: of others it may be that few are found.
    return jobs.order_by("-created_at")
