"""Figures that are not counted again before one of their jobs has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Count, Sum

from jobs.ledger import today
from jobs.models import Job
from jobs.providers import longest_retention
from jobs.usage.filters import UsageFilter

REMEMBERED_SECONDS = 86_400

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some days of a page, and what tells whether anything in them has changed."""

    wanted: UsageFilter
    jobs: int
    changes: int
    """Every change of a job adds to its version, so that this sum never comes back."""

    def recall(self, what: str, count: Callable[[UsageFilter], T]) -> T:
        """`count` of these days, or what it said when nothing in them was different."""
        facts = (what, self.wanted.conditions(), self.jobs, self.changes)
        key = f"usage:{sha256(repr(facts).encode()).hexdigest()}"
        known: T | None = cache.get(key)
        if known is None:
            known = count(self.wanted)
            cache.set(key, known, REMEMBERED_SECONDS)
        return known


def stretches(wanted: UsageFilter) -> Iterator[Stretch]:
    """The quiet days of a page and its recent ones, so that news of today spares the year."""
    # Little changes once no provider keeps anything of a job.
    border = today() - longest_retention()
    quiet = replace(wanted, end=min(wanted.end, border - timedelta(days=1)))
    recent = replace(wanted, start=max(wanted.start, border))
    for part in (quiet, recent):
        if part.start <= part.end:
            # Of all jobs in these days: an index holds this, and no other column.
            days = Job.objects.filter(booked_on__range=(part.start, part.end)).order_by()
            stamp = days.aggregate(jobs=Count("version"), changes=Sum("version"))
            yield Stretch(part, stamp["jobs"], stamp["changes"] or 0)
