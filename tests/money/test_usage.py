"""The figures of usage, against the ledger they come from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import Sum

from jobs import ledger, usage
from jobs.models import Job, LedgerEntry
from jobs.usage import UsageFilter
from tests.support import history

pytestmark = [pytest.mark.django_db, pytest.mark.data]
END = datetime(2026, 11, 20, 15, tzinfo=UTC)
YEAR = UsageFilter(date(2025, 11, 21), date(2026, 11, 20))
SMALL = history.Size(people=10, jobs=300, projects=4)


def made_up() -> Sequence[tuple[object, ...]]:
    """A history's jobs, of which nothing stays."""
    with transaction.atomic():
        history.make(SMALL, end=END)
        jobs = [*Job.objects.order_by("pk").values_list("pk", "charged", "booked_on", "prompt")]
        assert ledger.audit() == []
        assert LedgerEntry.objects.count() > 4 * len(jobs)
        transaction.set_rollback(True)
    return jobs


def test_a_made_up_year_adds_up_and_is_the_same_each_time() -> None:
    jobs = made_up()
    assert len(jobs) == SMALL.jobs
    assert made_up() == jobs


def test_every_dimension_sums_up_to_the_same_total() -> None:
    history.make(SMALL, end=END)
    total = usage.report(YEAR).total
    spent = (
        LedgerEntry.objects.of_people()
        .filter(kind__in=["settle", "adjust", "reversal"], job__isnull=False)
        .aggregate(total=Sum("credits"))["total"]
    )
    assert total.settled == -spent > 0
    held = LedgerEntry.objects.of_people().aggregate(total=Sum("held"))["total"]
    assert total.held == held > 0
    for by in usage.DIMENSIONS:
        rows = usage.report(UsageFilter(YEAR.start, YEAR.end, by=by)).rows
        assert sum((row.figures for row in rows), usage.Figures()) == total, by


def test_the_chart_holds_every_credit_however_it_is_divided() -> None:
    history.make(SMALL, end=END)
    report = usage.report(YEAR)
    chart = usage.stacked(YEAR, report.cells, END.date())
    assert chart.is_monthly
    assert sum(bar.total for bar in chart.bars) == report.total.settled
    assert sum(one.total for one in chart.series) == report.total.settled
    assert len(chart.series) <= 6
    assert chart.ticks[0] >= max(bar.total for bar in chart.bars)
    assert chart.bars[0].start == YEAR.start
    assert chart.bars[-1].end == YEAR.end


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        # whole months against whole months
        ((2026, 2, 1), (2026, 2, 28), ((2026, 1, 1), (2026, 1, 31))),
        ((2025, 1, 1), (2025, 12, 31), ((2024, 1, 1), (2024, 12, 31))),
        # any other stretch against as many days
        ((2026, 3, 10), (2026, 3, 19), ((2026, 2, 28), (2026, 3, 9))),
    ],
)
def test_a_stretch_is_compared_with_the_one_before(
    start: tuple[int, int, int],
    end: tuple[int, int, int],
    before: tuple[tuple[int, int, int], tuple[int, int, int]],
) -> None:
    found = UsageFilter(date(*start), date(*end)).before()
    assert (found.start, found.end) == (date(*before[0]), date(*before[1]))


def test_a_month_that_still_runs_is_compared_with_as_much_of_the_last() -> None:
    today = ledger.today()
    first = today.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    found = UsageFilter(first, last).before()
    assert found.start == (first - timedelta(days=1)).replace(day=1)
    assert found.days == min(today.day, (first - found.start).days)
