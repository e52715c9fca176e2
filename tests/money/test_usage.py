"""The figures of usage, against the ledger they come from."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from datetime import UTC, date, datetime
from random import Random

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache, caches
from django.db import connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from jobs import ledger, usage
from jobs.models import Job, LedgerEntry
from jobs.usage import UsageFilter
from tests.support.states import history

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


def test_what_was_counted_before_a_restart_is_not_counted_again() -> None:
    history.make(SMALL, end=END)
    first = usage.report(YEAR)
    if not settings.REDIS_URL:
        # What a process remembers itself. Redis goes on without us.
        cache.clear()
    with CaptureQueriesContext(connection) as asked:
        again = usage.report(YEAR)
    assert again == first
    assert not [each["sql"] for each in asked if "charged" in each["sql"]]


def test_what_a_full_disk_cannot_remember_is_counted_each_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if settings.REDIS_URL:
        pytest.skip("there it is no disk that remembers")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    history.make(SMALL, end=END)
    with monkeypatch.context() as full:
        full.setattr("django.core.cache.backends.filebased.tempfile.mkstemp", refuse)
        first, again = usage.report(YEAR), usage.report(YEAR)
    assert first == again == usage.report(YEAR)
    told = [each.getMessage() for each in caplog.records if each.name == "veo_site.cache"]
    assert told == [
        "Figures can’t be kept (the server’s disk is full): they are counted each time.",
        "Figures are kept again.",
    ]


@pytest.mark.parametrize("by", usage.DIMENSIONS)
def test_what_is_remembered_is_what_a_recount_says_whatever_has_changed(by: str) -> None:
    wanted = UsageFilter(YEAR.start, YEAR.end, by=by)
    history.make(SMALL, end=END)
    usage.report(wanted)
    chance = Random(15)
    for job in chance.sample(list(Job.objects.filter(status="failed")), 4):
        Job.objects.filter(pk=job.pk).update(
            charged=job.quote, version=F("version") + 1, changed_at=Now()
        )
        remembered = usage.report(wanted)
        caches["figures"].clear()
        assert usage.report(wanted) == remembered


def test_a_backup_that_is_put_back_brings_no_figures_of_what_came_after_it() -> None:
    history.make(SMALL, end=END)
    one, other = Job.objects.filter(status="failed", charged=0)[:2]
    change = {"charged": 7, "version": F("version") + 1, "changed_at": Now()}
    with transaction.atomic():
        Job.objects.filter(pk=one.pk).update(**change)
        seven = usage.report(YEAR).total.settled
        transaction.set_rollback(True)
    Job.objects.filter(pk=other.pk).update(**{**change, "charged": 9})
    assert usage.report(YEAR).total.settled == seven + 2


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
        # periods of a team that begin within the month too, however long each month is
        ((2026, 2, 15), (2026, 3, 14), ((2026, 1, 15), (2026, 2, 14))),
        ((2026, 3, 15), (2026, 4, 14), ((2026, 2, 15), (2026, 3, 14))),
        ((2025, 12, 28), (2026, 2, 27), ((2025, 10, 28), (2025, 12, 27))),
        # any other stretch against as many days
        ((2026, 1, 31), (2026, 3, 30), ((2025, 12, 3), (2026, 1, 30))),
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


@pytest.mark.parametrize(
    ("today", "last", "end"),
    [
        ((2026, 11, 10), (2026, 11, 30), (2026, 10, 10)),
        ((2026, 3, 30), (2026, 3, 31), (2026, 2, 28)),
        # On its last day it is whole.
        ((2026, 11, 30), (2026, 11, 30), (2026, 10, 31)),
    ],
)
def test_a_month_that_still_runs_is_compared_with_as_much_of_the_last(
    today: tuple[int, int, int], last: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    with time_machine.travel(datetime(*today, 12, tzinfo=UTC)):
        found = UsageFilter(date(*last).replace(day=1), date(*last)).before()
    assert (found.start, found.end) == (date(*end).replace(day=1), date(*end))


NOVEMBER = UsageFilter(date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    ("spent", "day", "projected", "per_day"),
    [
        (1200, 12, 3000, 100),
        (0, 12, 0, 0),
        (1, 4, 8, 0),
        (100, 29, 103, 3),
        (10**12, 7, 4285714285714, 142857142857),
    ],
)
def test_a_month_is_projected_from_what_its_days_so_far_have_cost(
    spent: int, day: int, projected: int, per_day: int
) -> None:
    found = usage.projection_of(NOVEMBER, spent, date(2026, 11, day))
    assert found
    assert (found.credits, found.per_day) == (projected, per_day)


@pytest.mark.parametrize(
    ("days", "today"),
    [
        (NOVEMBER, date(2026, 12, 1)),
        (NOVEMBER, date(2026, 11, 30)),
        (NOVEMBER, date(2026, 10, 31)),
        (UsageFilter(date(2026, 1, 1), date(2026, 12, 31)), date(2026, 11, 12)),
    ],
)
def test_what_is_over_or_not_begun_or_a_whole_year_is_not_projected(
    days: UsageFilter, today: date
) -> None:
    assert usage.projection_of(days, 1200, today) is None


def test_after_two_days_nobody_can_tell_yet() -> None:
    early = [usage.projection_of(NOVEMBER, 500, date(2026, 11, day)) for day in (1, 2, 3)]
    assert [each and each.is_early for each in early] == [True, True, False]
