"""The figures of a usage page, in a handful of queries whatever the number of jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from operator import add, attrgetter
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Q, Sum, When

from jobs import letters
from jobs.models import Job, Project, User
from jobs.models.jobs.status import LIVE, Status
from jobs.providers import PROVIDERS
from jobs.providers.base import UPGRADES
from jobs.usage.filters import NO_PROJECT, UsageFilter
from jobs.usage.memory import Stretch, stretches
from jobs.usage.stored_seconds import kept_seconds

WASTEFUL = (Status.FAILED, Status.LOST)
ENDED = (Status.SUCCEEDED, *WASTEFUL)
COLUMNS = {"person": "payer", "project": "paid_project"}
"""The dimensions that cells do not have: there would be as many of them as jobs."""


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


@dataclass(slots=True)
class Reported:
    """The charges that a provider named, beside what we settled."""

    provider: str
    figures: Figures = field(default_factory=Figures)
    credits: Decimal = Decimal(0)
    jobs: int = 0
    """The number of jobs for which it named a figure."""


@dataclass(slots=True)
class UsageRow:
    """One value of a dimension and its share."""

    key: str
    """As the filter of that dimension takes it."""
    label: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a usage page says about its days and jobs."""

    wanted: UsageFilter
    total: Figures
    earlier: UsageFilter
    """The stretch before, with which it is compared."""
    before: Figures
    kept_seconds: Decimal
    """Of the films that we keep of these jobs; a larger copy adds none."""
    rows: list[UsageRow]
    """By the chosen dimension, the greatest first; days in their order."""
    reported: list[Reported]
    cells: list[Cell]

    @property
    def per_second(self) -> Decimal | None:
        return self.total.settled / self.kept_seconds if self.kept_seconds else None


def report(wanted: UsageFilter) -> Report:
    parts = list(stretches(wanted))
    cells = [cell for part in parts for cell in part.recall("cells", _cells)]
    reported: dict[str, Reported] = {}
    for cell in cells:
        theirs = reported.setdefault(cell.provider, Reported(cell.provider))
        theirs.figures.add(cell)
        theirs.credits += cell.reported or 0
        theirs.jobs += cell.reporting
    rows = _by_column(wanted, parts) if wanted.by in COLUMNS else _by_cells(wanted, cells)
    if wanted.by != "day":
        rows.sort(
            key=lambda row: (
                -row.figures.settled,
                -row.figures.jobs,
                letters.name_key(row.label),
            )
        )
    earlier = wanted.before()
    before = (part.recall("totals", _totals) for part in stretches(earlier))
    return Report(
        wanted=wanted,
        total=sum((theirs.figures for theirs in reported.values()), Figures()),
        earlier=earlier,
        before=sum(before, Figures()),
        kept_seconds=sum((part.recall("kept", kept_seconds) for part in parts), Decimal(0)),
        rows=rows,
        reported=sorted(reported.values(), key=lambda each: each.provider),
        cells=cells,
    )


def _cells(wanted: UsageFilter) -> list[Cell]:
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


def _by_column(wanted: UsageFilter, parts: Iterable[Stretch]) -> list[UsageRow]:
    column = COLUMNS[wanted.by]

    def count(days: UsageFilter) -> dict[int, Figures]:
        groups = days.jobs().order_by().values(column).annotate(**_sums())
        return {group.pop(column) or NO_PROJECT: _figures(group) for group in groups}

    found: defaultdict[int, Figures] = defaultdict(Figures)
    for part in parts:
        for key, figures in part.recall(column, count).items():
            found[key] += figures
    names = labels(wanted.by)
    return [UsageRow(str(key), names.get(key, "?"), figures) for key, figures in found.items()]


def _by_cells(wanted: UsageFilter, cells: Iterable[Cell]) -> list[UsageRow]:
    key = _key(wanted.by)
    names = labels(wanted.by)
    found: dict[Any, UsageRow] = {}
    for cell in cells:
        value = key(cell)
        row = found.get(value)
        if row is None:
            row = found[value] = UsageRow(str(value), names.get(value, str(value)), Figures())
        row.figures.add(cell)
    return list(found.values())


def _key(by: str) -> Callable[[Cell], Any]:
    return lambda cell: getattr(cell, by)


def labels(by: str) -> dict[Any, str]:
    """The words for the values of a dimension."""
    match by:
        case "person":
            return {user.pk: user.label for user in User.objects.all()}
        case "project":
            names: dict[Any, str] = dict(Project.objects.values_list("pk", "name"))
            return {**names, NO_PROJECT: "No project"}
        case "provider":
            return {name: provider.label for name, provider in PROVIDERS.items()}
        case "model":
            return {model.name: model.label for p in PROVIDERS.values() for model in p.models}
        case "kind":
            return {str(kind.value): str(kind.label) for kind in Job.Kind}
    return {}


def _totals(wanted: UsageFilter) -> Figures:
    return _figures(wanted.jobs().order_by().aggregate(**_sums()))


def _sums() -> dict[str, Any]:
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


def _figures(sums: Mapping[str, int | None]) -> Figures:
    return Figures(**{name: value or 0 for name, value in sums.items()})


def _released() -> Sum:
    return Sum(Case(When(charged__lt=F("quote"), then=F("quote") - F("charged"))))
