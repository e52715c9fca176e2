"""Charts as percentages, for SVG that the server draws and no script touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from jobs.models import Job
from jobs.times.months import month_after
from jobs.usage.figures import labels
from jobs.usage.filters import UsageFilter
from jobs.usage.sums import Cell

SERIES_MAX = 6
"""As many as there are patterns; what is less is drawn together."""
OTHER = "other"
STEPS = 4
LABELS_MAX = 16


@dataclass(slots=True)
class Series:
    number: int
    """The number of its pattern, from 1."""
    label: str
    total: int = 0
    jobs: int = 0
    x: str = ""
    width: str = ""
    """Its share of everything, in a bar of all series."""


@dataclass(frozen=True, slots=True)
class Slice:
    series: Series
    credits: int
    y: str
    height: str


@dataclass(slots=True)
class Bar:
    """One day or month."""

    start: date
    end: date
    is_future: bool
    tick: str
    """The words of the axis below it; not below each."""
    total: int = 0
    parts: list[Slice] = field(default_factory=list)
    figures: list[int] = field(default_factory=list)
    """The credits of every series in order, for the table."""


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    series: list[Series]
    ticks: list[int]
    """From the top down to 0."""
    is_monthly: bool
    projected: tuple[str, str] | None = None
    """Where a day to come is drawn, as y and height, where its credits can be told."""


def stacked(wanted: UsageFilter, cells: Iterable[Cell], today: date, *, per_day: int = 0) -> Chart:
    """Credits by day or month, divided by what they were spent on.

    `per_day`: what is expected of each day to come; it is never above the highest bar.
    """
    sums: Counter[tuple[date, str]] = Counter()
    totals: Counter[str] = Counter()
    jobs: Counter[str] = Counter()
    for cell in cells:
        if cell.charged:
            name = cell.model if cell.kind == Job.Kind.GENERATE else cell.kind
            day = cell.day.replace(day=1) if wanted.in_months else cell.day
            sums[day, name] += cell.charged
            totals[name] += cell.charged
            jobs[name] += cell.jobs
    series = _series(totals, jobs)
    by_day: dict[date, Counter[int]] = {}
    for (day, name), credits in sums.items():
        one = series.get(name) or series[OTHER]
        by_day.setdefault(day, Counter())[one.number] += credits
    in_order = list(series.values())
    ticks = _ticks(max((each.total() for each in by_day.values()), default=0))
    bars = _bars(wanted, today)
    for bar in bars:
        credits_of = by_day.get(bar.start.replace(day=1) if wanted.in_months else bar.start)
        _stack(bar, credits_of or Counter(), in_order, ticks[0])
    height = 100 * per_day / ticks[0]
    projected = (f"{100 - height:.2f}%", f"{height:.2f}%") if per_day else None
    return Chart(bars, in_order, ticks, wanted.in_months, projected)


def _series(totals: Counter[str], jobs: Counter[str]) -> dict[str, Series]:
    """The greatest ones by name, and one for all others."""
    names = {**labels("model"), **labels("kind")}
    ranked = [name for name, _ in totals.most_common()]
    own = ranked if len(ranked) <= SERIES_MAX else ranked[: SERIES_MAX - 1]
    found = {
        name: Series(number, names.get(name, name), totals[name], jobs[name])
        for number, name in enumerate(own, 1)
    }
    if rest := ranked[len(own) :]:
        credits, made = (sum(each[name] for name in rest) for each in (totals, jobs))
        found[OTHER] = Series(SERIES_MAX, "Other", credits, made)
    reached, whole = 0, totals.total()
    for one in found.values():
        one.x, one.width = (f"{100 * part / whole:.2f}%" for part in (reached, one.total))
        reached += one.total
    return found


def _bars(wanted: UsageFilter, today: date) -> list[Bar]:
    bars: list[Bar] = []
    start = wanted.start
    while start <= wanted.end:
        end = start
        if wanted.in_months:
            end = min(month_after(start) - timedelta(days=1), wanted.end)
        bars.append(Bar(start, end, start > today, ""))
        start = end + timedelta(days=1)
    every = next(n for n in (1, 2, 5, 7, 14, 31, 62, 366) if len(bars) / n <= LABELS_MAX)
    for index, bar in enumerate(bars):
        if wanted.in_months:
            year = f" {bar.start:%y}" if index == 0 or bar.start.month == 1 else ""
            bar.tick = f"{bar.start:%b}{year}" if index % every == 0 else ""
        # The labels of the 2nd and the 31st would stand in those of the 1st.
        elif (
            every == 1
            or bar.start.day == 1
            or (bar.start.day % every == 0 and 2 < bar.start.day < 31)
        ):
            bar.tick = str(bar.start.day)
    return bars


def _stack(bar: Bar, credits_of: Counter[int], series: list[Series], top: int) -> None:
    reached = 0
    for one in series:
        credits = credits_of[one.number]
        bar.figures.append(credits)
        if credits:
            reached += credits
            y = f"{100 - 100 * reached / top:.2f}%"
            bar.parts.append(Slice(one, credits, y, f"{100 * credits / top:.2f}%"))
    bar.total = reached


def _ticks(most: int) -> list[int]:
    """Round figures for the axis, so that the highest bar stays below the top one."""
    step = 1
    while step * STEPS < most:
        for factor in (1, 2, 5, 10):
            if step * factor * STEPS >= most:
                step *= factor
                break
        else:
            step *= 10
    return [step * n for n in range(STEPS, -1, -1)]
