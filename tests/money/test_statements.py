"""A month's books: what they say, when they are closed, and that nobody can change them then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from jobs import ledger, lifecycle, statements
from jobs.models import Budget, Job, LedgerEntry, Project, Statement, User
from jobs.models.immutable import protect, unprotect
from jobs.providers.base import Result, Snapshot, State
from jobs.statements import Scope
from tests.support import factories
from tests.support.racing import together

pytestmark = [pytest.mark.django_db, pytest.mark.data]

OCTOBER, NOVEMBER, DECEMBER = (date(2027, month, 1) for month in (10, 11, 12))
TEAM = Scope()
FILM = Snapshot(State.SUCCEEDED, results=(Result("https://x.aiquickdraw.com/a.mp4", "720p"),))


def at(month: int, day: int, hour: int = 12, minute: int = 0, second: int = 0) -> datetime:
    """A moment of 2027, in UTC."""
    return datetime(2027, month, day, hour, minute, second, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Starts on 10 November 2027 and stands still."""
    with time_machine.travel(at(11, 10), tick=False) as traveller:
        yield traveller


@pytest.fixture
def carol(clock: time_machine.Traveller) -> User:
    """A member since 10 November, with 1,000 credits."""
    return factories.member("carol", credits=1000)


def said(scope: Scope, month: date = NOVEMBER) -> dict[str, int]:
    """What is not zero in a statement."""
    statement = statements.find(scope, month)
    assert statement
    names = ("opening", "granted", "adjusted", "expired", "held", "spent", "released", "closing")
    figures = {name: getattr(statement, name) for name in names}
    return {name: figure for name, figure in figures.items() if figure}


def of(person: User) -> Scope:
    return Scope(owner=person.pk)


def allow(person: User, credits: int) -> None:
    """An allowance from this period on."""
    ledger.set_allowance(person, credits, reason="Each month", actor=None)
    ledger.open_periods()


def close(clock: time_machine.Traveller, moment: datetime | None = None) -> list[date]:
    clock.move_to(moment or at(12, 2))
    return statements.close_due()


# ── Figures ──────────────────────────────────────────────────────────────────
def test_a_statement_says_what_was_given_held_spent_and_released(carol: User) -> None:
    factories.succeeded(carol)
    lifecycle.cancel(factories.job(carol), by=carol)
    ledger.grant(carol, -40, reason="Too much", actor=None)
    assert said(of(carol)) == {
        "granted": 1000,
        "adjusted": -40,
        "held": 120,
        "spent": 60,
        "released": 60,
        "closing": 900,
    }


def test_what_was_charged_above_the_quote_is_spent(carol: User) -> None:
    ledger.settle(factories.job(carol), 75)
    assert said(of(carol))["spent"] == 75


def test_a_hold_over_two_purses_counts_once(carol: User) -> None:
    allow(carol, 50)
    factories.succeeded(carol)
    statement = statements.find(of(carol), NOVEMBER)
    assert statement
    assert (statement.held, statement.spent, statement.job_count) == (60, 60, 1)
    assert statement.closing == 990


def test_the_same_spending_stands_in_every_scope_it_belongs_to(carol: User) -> None:
    project = Project.objects.create(name="Launch")
    factories.succeeded(carol, project_id=project.pk)
    factories.succeeded(carol)
    spent = [said(scope)["spent"] for scope in (of(carol), Scope(project=project.pk), TEAM)]
    assert spent == [120, 60, 120]


def test_without_a_cap_only_the_spending_is_counted(carol: User) -> None:
    project = Project.objects.create(name="Launch")
    factories.succeeded(carol, project_id=project.pk)
    found = statements.of_month(NOVEMBER)
    assert [(statements.whose(each), statements.is_counted(each)) for each in found] == [
        ("the team", True),
        ("Launch", True),
        ("carol", False),
    ]


def test_a_month_opens_with_what_the_last_one_closed_with(
    carol: User, clock: time_machine.Traveller
) -> None:
    factories.succeeded(carol)
    clock.move_to(at(12, 1))
    ledger.grant(carol, 5, reason="More", actor=None)
    before = said(of(carol), DECEMBER)
    assert before == {"opening": 940, "granted": 5, "closing": 945}
    assert close(clock) == [NOVEMBER]
    assert said(of(carol), DECEMBER) == before


def test_the_lines_name_who_adjusted_and_why(carol: User, admin: User) -> None:
    ledger.grant(carol, -40, reason="Booked by mistake", actor=admin)
    statement = statements.find(of(carol), NOVEMBER)
    assert statement
    lines = [(line.credits, line.actor, line.reason) for line in statements.given(statement)]
    assert lines == [(1000, None, "for a test"), (-40, admin, "Booked by mistake")]


def test_the_lines_and_totals_of_the_jobs_come_to_the_figures(carol: User) -> None:
    factories.succeeded(carol)
    factories.succeeded(carol, model="veo3_lite")
    running = factories.job(carol)
    statement = statements.find(of(carol), NOVEMBER)
    assert statement
    lines, totals = list(statements.job_lines(statement)), statements.totals(statement)
    for figure in ("held", "spent"):
        whole = getattr(statement, figure)
        assert sum(getattr(line, figure) for line in lines) == whole
        assert sum(getattr(total, figure) for total in totals) == whole
    assert {line.job.pk: line.result for line in lines}[running.pk] == "Not finished"
    assert totals[0].model == "veo3_fast"


@pytest.mark.parametrize("people", [2, 12])
def test_everybodys_month_costs_the_same_few_queries(
    clock: time_machine.Traveller, django_assert_max_num_queries: Any, people: int
) -> None:
    for number in range(people):
        factories.succeeded(factories.member(f"member{number}", credits=100))
    with django_assert_max_num_queries(10):
        assert len(statements.of_month(NOVEMBER)) == people + 1


# ── Which month ──────────────────────────────────────────────────────────────
def test_what_is_ordered_in_the_last_second_and_ends_later_is_of_the_old_month(
    carol: User, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(11, 30, 23, 59, 59))
    job = factories.job(carol)
    clock.move_to(at(12, 1, 0, 5))
    factories.finish(job)
    assert (said(of(carol))["spent"], said(of(carol), DECEMBER)) == (
        60,
        {"opening": 940, "closing": 940},
    )


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        # Winter time is one hour before UTC, summer time two; it changes on the last Sunday.
        (at(10, 31, 22, 59), OCTOBER),
        (at(10, 31, 23, 0), NOVEMBER),
        (datetime(2027, 3, 31, 21, 59, tzinfo=UTC), date(2027, 3, 1)),
        (datetime(2027, 3, 31, 22, 0, tzinfo=UTC), date(2027, 4, 1)),
    ],
)
def test_months_are_those_of_the_time_zone(
    settings: Any, clock: time_machine.Traveller, moment: datetime, month: date
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    clock.move_to(moment)
    carol = factories.member("carol", credits=100)
    factories.succeeded(carol)
    assert (statements.every_month(), said(of(carol), month)["spent"]) == ([month], 60)


# ── Allowances ───────────────────────────────────────────────────────────────
def test_what_is_left_of_an_allowance_expires_on_its_last_day(
    carol: User, clock: time_machine.Traveller
) -> None:
    allow(carol, 500)
    factories.succeeded(carol)
    close(clock)
    assert said(of(carol)) == {
        "granted": 1500,
        "expired": 440,
        "held": 60,
        "spent": 60,
        "closing": 1000,
    }
    entry = LedgerEntry.objects.get(kind="reset", credits__lt=0)
    assert (entry.credits, entry.booked_on, entry.reason) == (
        *(-440, date(2027, 11, 30)),
        "Unused allowance expired",
    )
    assert ledger.audit() == []


def test_an_overdrawn_allowance_is_not_carried_into_the_next_period(
    carol: User, clock: time_machine.Traveller
) -> None:
    allow(carol, 60)
    job = factories.job(carol)
    ledger.settle(job, 75)
    Job.objects.filter(pk=job.pk).update(status="succeeded", charged=75)
    close(clock)
    assert (said(of(carol))["adjusted"], said(of(carol))["closing"]) == (15, 1000)
    assert ledger.audit() == []


def test_spending_without_a_cap_does_not_weigh_on_a_cap_set_later(
    carol: User, clock: time_machine.Traveller
) -> None:
    factories.succeeded(carol)
    close(clock)
    assert said(TEAM) == {"held": 60, "spent": 60, "closing": -60}
    ledger.set_team_cap(1000, reason="From now on", actor=None)
    close(clock, datetime(2028, 1, 2, tzinfo=UTC))
    assert said(TEAM, DECEMBER) == {"opening": -60, "adjusted": 1060, "expired": 1000}
    assert (statements.verify(), ledger.audit()) == ([], [])


def test_a_period_that_goes_on_is_left_alone(carol: User, clock: time_machine.Traveller) -> None:
    allow(carol, 500)
    Budget.objects.filter(owner=carol, period__isnull=False).update(until=date(2027, 12, 15))
    close(clock)
    assert "expired" not in said(of(carol))


def test_an_allowance_expires_once_and_only_unheld(
    carol: User, clock: time_machine.Traveller
) -> None:
    allow(carol, 500)
    purse = Budget.objects.get(owner=carol, period__isnull=False)
    assert not ledger.expire(purse, date(2027, 11, 30))
    clock.move_to(at(12, 1))
    assert ledger.expire(purse, date(2027, 11, 30))
    assert not ledger.expire(purse, date(2027, 11, 30))
    assert ledger.audit() == []


# ── Closing ──────────────────────────────────────────────────────────────────
def test_a_month_is_closed_a_day_after_its_end(carol: User, clock: time_machine.Traveller) -> None:
    factories.succeeded(carol)
    assert [close(clock, at(*moment)) for moment in ((11, 30, 23, 59), (12, 1), (12, 2))] == [
        [],
        [],
        [NOVEMBER],
    ]
    statement = statements.find(of(carol), NOVEMBER)
    assert statement
    assert (bool(statement.pk), len(statement.sha256)) == (True, 64)
    assert close(clock) == []


def test_a_month_stays_open_while_a_video_of_it_does(
    carol: User, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(11, 30, 23, 59))
    jobs = [factories.job(carol) for _ in range(3)]
    assert close(clock) == []
    assert statements.unfinished([NOVEMBER], of(carol)) == {
        NOVEMBER: statements.Unfinished(jobs=3, held=180)
    }
    for job in jobs:
        factories.finish(job)
    assert close(clock) == [NOVEMBER]
    assert said(of(carol))["spent"] == 180


def test_no_month_is_closed_before_the_one_before_it(
    carol: User, clock: time_machine.Traveller
) -> None:
    job = factories.job(carol)
    clock.move_to(at(12, 10))
    factories.succeeded(carol)
    clock.move_to(datetime(2028, 1, 5, tzinfo=UTC))
    assert (statements.close_month(DECEMBER), statements.close_due()) == (False, [])
    factories.finish(job)
    assert statements.close_due() == [NOVEMBER, DECEMBER]


def test_a_month_without_anything_is_closed_too(carol: User, clock: time_machine.Traveller) -> None:
    assert close(clock, datetime(2028, 2, 2, tzinfo=UTC)) == [
        *(NOVEMBER, DECEMBER),
        date(2028, 1, 1),
    ]
    assert said(of(carol), DECEMBER) == {"opening": 1000, "closing": 1000}


def test_after_closing_nothing_is_booked_into_the_month(
    carol: User, clock: time_machine.Traveller
) -> None:
    """Everything that can still move credits of its jobs and people, the period's end included."""
    allow(carol, 60)
    given_up, failed = factories.job(carol), factories.job(carol)
    for job in (factories.run(given_up), factories.run(failed)):
        lifecycle.observe(job.pk, Snapshot(State.FAILED, error="No"))
    close(clock)
    before = LedgerEntry.objects.filter(booked_on__lt=DECEMBER).count()
    clock.move_to(at(12, 20))
    lifecycle.observe(given_up.pk, FILM)
    ledger.grant(carol, 10, reason="More", actor=None)
    ledger.set_allowance(carol, 0, reason="No more", actor=None)
    factories.succeeded(carol)
    assert close(clock, datetime(2028, 1, 2, tzinfo=UTC)) == [DECEMBER]
    assert LedgerEntry.objects.filter(booked_on__lt=DECEMBER).count() == before
    assert said(of(carol), DECEMBER)["spent"] == 120
    assert (statements.verify(), ledger.audit()) == ([], [])


def test_a_late_correction_is_of_the_month_it_is_made_in(
    carol: User, clock: time_machine.Traveller
) -> None:
    job = factories.run(factories.job(carol))
    lifecycle.observe(job.pk, Snapshot(State.FAILED, error="No"))
    close(clock)
    lifecycle.observe(job.pk, FILM)
    assert (said(of(carol)).get("spent", 0), said(of(carol), DECEMBER)["spent"]) == (0, 60)
    statement = statements.find(of(carol), DECEMBER)
    assert statement
    assert [line.result for line in statements.job_lines(statement)] == ["Corrected later"]


@pytest.mark.parametrize(
    "sql", ["UPDATE jobs_statement SET spent = 0", "DELETE FROM jobs_statement"]
)
def test_a_closed_statement_cannot_be_changed(
    carol: User, clock: time_machine.Traveller, sql: str
) -> None:
    close(clock)
    with (
        pytest.raises(DatabaseError, match="immutable"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_the_database_refuses_a_statement_that_does_not_add_up(carol: User) -> None:
    statement = statements.find(of(carol), NOVEMBER)
    assert statement
    statement.closing += 1
    with pytest.raises(IntegrityError), transaction.atomic():
        statement.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_the_follower_closes_what_is_due(carol: User, clock: time_machine.Traveller) -> None:
    clock.move_to(at(12, 2))
    call_command("follow", "--once")
    assert Statement.objects.filter(month=NOVEMBER, owner=carol).exists()


# ── Proof ────────────────────────────────────────────────────────────────────
def test_an_entry_that_gets_into_a_closed_month_is_found(
    carol: User, clock: time_machine.Traveller
) -> None:
    close(clock)
    assert statements.verify() == []
    LedgerEntry.objects.create(
        budget=ledger.granted_to(carol), kind="adjust", credits=7, reason="?", booked_on=NOVEMBER
    )
    found = statements.verify()
    assert "the statement of carol for November 2027 says adjusted 0, the ledger says 7" in found
    assert any("the entries of carol in November 2027 are not those" in text for text in found)
    with pytest.raises(CommandError):
        call_command("check_ledger", stderr=StringIO())


def test_a_changed_reason_is_found(carol: User, clock: time_machine.Traveller) -> None:
    close(clock)
    unprotect(connection)
    LedgerEntry.objects.update(reason="another")
    protect(connection)
    assert statements.verify() == [
        "the entries of carol in November 2027 are not those that the month was closed with"
    ]


def test_the_check_says_how_many_statements_add_up(
    carol: User, clock: time_machine.Traveller, capsys: pytest.CaptureFixture[str]
) -> None:
    close(clock)
    call_command("check_ledger")
    assert "2 statements of closed months say what the ledger says" in capsys.readouterr().out


# ── At once ──────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_a_month_closed_by_two_at_once_is_closed_once(
    carol: User, clock: time_machine.Traveller
) -> None:
    allow(carol, 500)
    clock.move_to(at(12, 2))
    outcomes = together(2, lambda _: statements.close_month(NOVEMBER))
    assert sorted(outcomes, key=str) == [False, True]
    assert Statement.objects.filter(month=NOVEMBER, owner=carol).count() == 1
    assert LedgerEntry.objects.filter(kind="reset", credits__lt=0).count() == 1
    assert (statements.verify(), ledger.audit()) == ([], [])
