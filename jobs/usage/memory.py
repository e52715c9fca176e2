"""Figures that are not counted again before one of their jobs has changed, also after a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from django.core.cache import caches
from django.db.models import Count, Max, Sum

from jobs.ledger import today
from jobs.models import Job
from jobs.providers import longest_retention
from jobs.usage.filters import UsageFilter

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some days of a page, and what tells whether anything in them has changed."""

    wanted: UsageFilter
    jobs: int
    changes: int
    """Every change of a job adds to its version, so that this sum never comes back."""
    changed_at: datetime | None
    """The latest of them: where a backup was put back, the same sum is reached once more."""

    def recall(self, what: str, count: Callable[[UsageFilter], T]) -> T:
        """`count` of these days, or what it said when nothing in them was different."""
        stamp = (self.jobs, self.changes, self.changed_at)
        facts = (_release(), what, self.wanted.conditions(), stamp)
        key = sha256(repr(facts).encode()).hexdigest()
        figures = caches["figures"]
        known: T | None = figures.get(key)
        if known is None:
            known = count(self.wanted)
            figures.set(key, known)
        return known


def stretches(wanted: UsageFilter) -> Iterator[Stretch]:
    """The days of a page by how much changes in them, so that news of today spares the year.

    Little does once no provider keeps anything of a job. Of that, whole months stand apart: what
    was counted of them holds tomorrow as well.
    """
    border = today() - longest_retention()
    month = border.replace(day=1)
    day = timedelta(days=1)
    for part in (
        replace(wanted, end=min(wanted.end, month - day)),
        replace(wanted, start=max(wanted.start, month), end=min(wanted.end, border - day)),
        replace(wanted, start=max(wanted.start, border)),
    ):
        if part.start <= part.end:
            # Of all jobs in these days: an index holds this, and no other column.
            days = Job.objects.filter(booked_on__range=(part.start, part.end)).order_by()
            stamp = days.aggregate(
                jobs=Count("version"), changes=Sum("version"), changed_at=Max("changed_at")
            )
            yield Stretch(part, stamp["jobs"], stamp["changes"] or 0, stamp["changed_at"])


@cache
def _release() -> str:
    """What other code has counted counts for nothing: it may have meant something else."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
