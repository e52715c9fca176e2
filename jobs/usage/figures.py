"""The figures of a usage page, in a handful of queries whatever the number of jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from jobs import letters
from jobs.models import Job, Project, User
from jobs.providers import PROVIDERS
from jobs.usage.filters import NO_PROJECT, UsageFilter
from jobs.usage.memory import Stretch, stretches
from jobs.usage.stored_seconds import kept_seconds
from jobs.usage.sums import Cell, Figures, cells_of, figures_of, sums, totals_of

COLUMNS = {"person": "payer", "project": "paid_project"}
"""The dimensions that cells do not have: there would be as many of them as jobs."""


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
    cells = [cell for part in parts for cell in part.recall("cells", cells_of)]
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
    before = (part.recall("totals", totals_of) for part in stretches(earlier))
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


def _by_column(wanted: UsageFilter, parts: Iterable[Stretch]) -> list[UsageRow]:
    column = COLUMNS[wanted.by]

    def count(days: UsageFilter) -> dict[int, Figures]:
        groups = days.jobs().order_by().values(column).annotate(**sums())
        return {group.pop(column) or NO_PROJECT: figures_of(group) for group in groups}

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
