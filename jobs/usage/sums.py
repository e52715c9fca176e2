"""Sums over many jobs: in cells of those that are alike, or at once, as the database adds them up.

Both ways give the same `Figures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from operator import add, attrgetter
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Q, Sum, When

from jobs.models.jobs.status import LIVE, Status
from jobs.providers.base import UPGRADES
from jobs.usage.filters import UsageFilter

WASTEFUL = (Status.FAILED, Status.LOST)
ENDED = (Status.SUCCEEDED, *WASTEFUL)


class Cell(NamedTuple):
    """All jobs of one day that are alike; its first fields are what they have in common."""

    day: date
    provider: str
    model: str
    kind: str
    practice: bool
    status: str
    jobs: int
    quoted: int
    charged: int | None
    released: int | None
    reported: Decimal | None
    reporting: int


@dataclass(slots=True)
class Figures:
    """Sums over jobs, in credits unless said otherwise."""

    jobs: int = 0
    settled: int = 0
    held: int = 0
    released: int = 0
    """Held and given back."""
    wasted: int = 0
    """Charged, and no video."""
    overrun: int = 0
    """Charged above the quote."""
    ended: int = 0
    succeeded: int = 0
    videos: int = 0
    """Finished ones; a larger copy of one is no more of them."""

    def add(self, cell: Cell) -> None:
        charged, released = cell.charged or 0, cell.released or 0
        self.jobs += cell.jobs
        self.settled += charged
        self.released += released
        if cell.status in LIVE:
            self.held += cell.quoted
            return
        self.overrun += max(charged - cell.quoted + released, 0)
        if cell.status in ENDED:
            self.ended += cell.jobs
        if cell.status in WASTEFUL:
            self.wasted += charged
        elif cell.status == Status.SUCCEEDED:
            self.succeeded += cell.jobs
            self.videos += 0 if cell.kind in UPGRADES else cell.jobs

    def __add__(self, other: Figures) -> Figures:
        return Figures(*map(add, _in_order(self), _in_order(other)))

    @property
    def per_video(self) -> Decimal | None:
        """The cost of a finished video, all failures and larger copies included."""
        return Decimal(self.settled) / self.videos if self.videos else None

    @property
    def success_percent(self) -> Decimal | None:
        """Of the jobs that came to an end by themselves."""
        return Decimal(100 * self.succeeded) / self.ended if self.ended else None


_in_order = attrgetter(*(each.name for each in fields(Figures)))


def cells_of(wanted: UsageFilter) -> list[Cell]:
    """The one pass over the jobs, in the order of the index it is served by."""
    shared = ("booked_on", "provider", "model", "kind", "practice", "status")
    rows = (
        wanted.jobs()
        .order_by(*shared)
        .values_list(*shared)
        .annotate(
            number=Count("*"),
            quoted=Sum("quote"),
            spent=Sum("charged"),
            back=_released(),
            reported=Sum("provider_credits_charged"),
            reporting=Count("provider_credits_charged"),
        )
    )
    return [Cell(*row) for row in rows]


def totals_of(wanted: UsageFilter) -> Figures:
    return figures_of(wanted.jobs().order_by().aggregate(**sums()))


def sums() -> dict[str, Any]:
    """The fields of `Figures`. A quote stands for its row: it is never null, and in the index."""
    done = Q(status=Status.SUCCEEDED)
    over = Case(When(charged__gt=F("quote"), then=F("charged") - F("quote")))
    return {
        "jobs": Count("quote"),
        "settled": Sum("charged"),
        "held": Sum("quote", filter=Q(status__in=LIVE)),
        "released": _released(),
        "wasted": Sum("charged", filter=Q(status__in=WASTEFUL)),
        "overrun": Sum(over),
        "ended": Count("quote", filter=Q(status__in=ENDED)),
        "succeeded": Count("quote", filter=done),
        "videos": Count("quote", filter=done & ~Q(kind__in=UPGRADES)),
    }


def figures_of(sums: Mapping[str, int | None]) -> Figures:
    return Figures(**{name: value or 0 for name, value in sums.items()})


def _released() -> Sum:
    return Sum(Case(When(charged__lt=F("quote"), then=F("quote") - F("charged"))))
