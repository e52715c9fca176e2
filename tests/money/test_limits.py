"""Allowances, caps and periods: everything that applies must hold, and each month stays itself."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction

from jobs import ledger, lifecycle
from jobs.ledger import movements, periods
from jobs.models import AuditEvent, Budget, Job, LedgerEntry, Project, Team, User
from jobs.models.jobs.status import Status
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]

ANY_DAY = "2026-11-10T12:00Z"


@pytest.fixture(autouse=True)
def november() -> Any:
    with time_machine.travel(ANY_DAY) as traveller:
        yield traveller


@pytest.fixture
def project() -> Project:
    return Project.objects.create(name="Launch film")


@pytest.fixture
def carol() -> User:
    """A member with nothing but a key."""
    return factories.member("carol")


def allow(user: User, credits: int) -> None:
    ledger.set_allowance(user, credits, reason="Every month", actor=None)
    user.refresh_from_db()


def purses(user: User) -> list[tuple[int, int]]:
    """Balance and held credits: the allowances by period, then what was granted."""
    rows = Budget.objects.filter(owner=user).order_by("period")
    dated = [(row.balance, row.held) for row in rows if row.period]
    return dated + [(row.balance, row.held) for row in rows if not row.period]


def ended(job: Job, charge: int) -> None:
    """The job's end, as `lifecycle` writes it beside the ledger."""
    ledger.settle(job, charge)
    Job.objects.filter(pk=job.pk).update(status=Status.SUCCEEDED, charged=charge)


# ── Allowances ───────────────────────────────────────────────────────────────
def test_an_allowance_can_be_spent_at_once(carol: User) -> None:
    allow(carol, 100)
    standing = ledger.standing_of(carol)
    assert (standing.available, standing.resets_on) == (100, date(2026, 12, 1))
    assert factories.job(carol).status == Status.QUEUED
    assert ledger.standing_of(carol).available == 40
    assert ledger.audit() == []


def test_what_expires_is_spent_first_and_the_rest_comes_from_what_was_granted(alice: User) -> None:
    allow(alice, 40)
    job = factories.job(alice)
    assert purses(alice) == [(40, 40), (1000, 20)]
    ended(job, 60)
    assert purses(alice) == [(0, 0), (980, 0)]
    assert ledger.audit() == []


@pytest.mark.parametrize(
    ("charge", "after"),
    [(0, [(40, 0), (1000, 0)]), (30, [(10, 0), (1000, 0)]), (90, [(0, 0), (950, 0)])],
)
def test_a_charge_falls_on_the_allowance_first_and_beyond_the_hold_on_the_grant(
    alice: User, charge: int, after: list[tuple[int, int]]
) -> None:
    allow(alice, 40)
    ended(factories.job(alice), charge)
    assert purses(alice) == after
    assert ledger.audit() == []


def test_late_truth_is_shared_out_as_the_charge_would_have_been(alice: User) -> None:
    allow(alice, 40)
    job = factories.job(alice)
    ledger.release(job)
    ledger.reverse(job, 60, reason="It turned up")
    Job.objects.filter(pk=job.pk).update(status=Status.SUCCEEDED, charged=60)
    assert (purses(alice), ledger.spent_on(job)) == ([(0, 0), (980, 0)], 60)
    assert ledger.audit() == []


def test_a_new_period_brings_a_new_allowance_and_not_the_rest_of_the_old(
    carol: User, november: Any
) -> None:
    allow(carol, 100)
    factories.job(carol)
    november.move_to("2026-12-01T00:00Z")
    assert ledger.standing_of(carol).available == 100
    factories.job(carol)
    assert purses(carol) == [(100, 60), (100, 60), (0, 0)]


def test_a_changed_allowance_counts_from_the_running_period_on(carol: User) -> None:
    allow(carol, 100)
    factories.job(carol)
    allow(carol, 130)
    assert ledger.standing_of(carol).available == 70
    allow(carol, 20)
    assert (ledger.standing_of(carol).available, purses(carol)[0]) == (0, (20, 60))
    audit = AuditEvent.objects.filter(action="allowance changed").first()
    assert audit is not None
    assert (audit.before, audit.after, audit.reason) == ("130", "20", "Every month")


def test_what_is_left_of_an_ended_allowance_is_taken_back_and_no_more(carol: User) -> None:
    allow(carol, 100)
    ended(factories.job(carol), 60)
    factories.job(carol, model="veo3_lite")
    ledger.end_allowance(carol, reason="Left", actor=None)
    carol.refresh_from_db()
    assert (carol.allowance, purses(carol)[0]) == (0, (30, 30))
    assert ledger.audit() == []


def test_an_allowance_of_which_nothing_is_spent_is_in_the_books_too(carol: User) -> None:
    allow(carol, 100)
    ledger.open_periods()
    entry = LedgerEntry.objects.of_people().get()
    assert (entry.kind, entry.credits, entry.budget.period) == ("reset", 100, date(2026, 11, 1))


# ── Days ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("day", "reset_day", "period"),
    [
        (date(2026, 11, 1), 1, (date(2026, 11, 1), date(2026, 12, 1))),
        (date(2026, 12, 31), 1, (date(2026, 12, 1), date(2027, 1, 1))),
        (date(2026, 2, 27), 28, (date(2026, 1, 28), date(2026, 2, 28))),
        (date(2026, 2, 28), 28, (date(2026, 2, 28), date(2026, 3, 28))),
        (date(2027, 1, 3), 15, (date(2026, 12, 15), date(2027, 1, 15))),
    ],
)
def test_periods_begin_on_the_reset_day(
    day: date, reset_day: int, period: tuple[date, date]
) -> None:
    assert periods.period_of(day, reset_day) == period


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        # Summer time ended on 25 October: midnight in Berlin is 23:00, no longer 22:00.
        ("2026-10-31T22:59:59Z", date(2026, 10, 1)),
        ("2026-10-31T23:00:00Z", date(2026, 11, 1)),
        # It began on 29 March.
        ("2026-03-31T21:59:59Z", date(2026, 3, 1)),
        ("2026-03-31T22:00:00Z", date(2026, 4, 1)),
    ],
)
def test_a_period_begins_at_midnight_where_the_team_lives(
    carol: User, settings: Any, november: Any, moment: str, month: date
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    november.move_to(moment)
    allow(carol, 100)
    factories.job(carol)
    assert Budget.objects.get(owner=carol, held=60).period == month


def test_a_hold_of_the_last_second_is_settled_in_its_own_month(carol: User, november: Any) -> None:
    november.move_to("2026-11-30T23:59:59Z")
    allow(carol, 100)
    job = factories.job(carol)
    november.move_to("2026-12-01T00:00:01Z")
    factories.job(carol)
    ended(job, 60)
    assert purses(carol) == [(40, 0), (100, 60), (0, 0)]
    days = set(job.entries.values_list("booked_on", flat=True))
    assert days == {date(2026, 11, 30)}
    assert ledger.audit() == []


def test_after_the_reset_day_is_changed_the_running_period_first_ends(
    carol: User, november: Any
) -> None:
    allow(carol, 100)
    factories.job(carol)
    Team.objects.update_or_create(pk=1, defaults={"reset_day": 15})
    november.move_to("2026-11-20T12:00Z")
    assert ledger.standing_of(carol).available == 40
    november.move_to("2026-12-02T12:00Z")
    factories.job(carol)
    born = Budget.objects.filter(owner=carol, period__isnull=False).latest("period")
    assert (born.period, born.until) == (date(2026, 12, 1), date(2026, 12, 15))


# ── Caps ─────────────────────────────────────────────────────────────────────
def test_a_project_without_a_cap_only_counts(alice: User, project: Project) -> None:
    ended(factories.job(alice, project_id=project.pk), 60)
    standing = ledger.standing_of_project(project)
    assert (standing.is_capped, standing.balance) == (False, -60)
    assert ledger.audit() == []


def test_a_cap_counts_what_was_spent_before_it(alice: User, project: Project) -> None:
    ended(factories.job(alice, project_id=project.pk), 60)
    ledger.set_project_cap(project, 100, reason="Small film", actor=None)
    project.refresh_from_db()
    assert ledger.standing_of_project(project).available == 40
    assert factories.job(alice, project_id=project.pk).status == Status.AWAITING_BUDGET
    ledger.set_project_cap(project, None, reason="Never mind", actor=None)
    assert factories.job(alice, project_id=project.pk).status == Status.QUEUED


RESET = "1 Dec 2026, 00:00 UTC"


@pytest.mark.parametrize(
    ("cap_project", "cap_team", "sentence"),
    [
        (59, None, "This needs 60 credits, but the project Launch film has 59 left."),
        (60, 59, f"This needs 60 credits, but the team has 59 left until {RESET}."),
    ],
)
def test_all_that_applies_must_hold_or_nothing_is_held(
    alice: User, project: Project, cap_project: int, cap_team: int | None, sentence: str
) -> None:
    ledger.set_project_cap(project, cap_project, reason="Small film", actor=None)
    ledger.set_team_cap(cap_team, reason="Winter", actor=None)
    job = factories.job(alice, project_id=project.pk)
    assert (job.status, job.error) == (Status.AWAITING_BUDGET, sentence)
    assert set(Budget.objects.values_list("held", flat=True)) == {0}
    assert ledger.audit() == []


def test_the_teams_cap_begins_anew_with_its_period(alice: User, november: Any) -> None:
    ledger.set_team_cap(60, reason="Winter", actor=None)
    assert factories.job(alice).status == Status.QUEUED
    assert factories.job(alice).status == Status.AWAITING_BUDGET
    november.move_to("2026-12-01T08:00Z")
    assert factories.job(alice).status == Status.QUEUED


def test_a_limit_that_is_lowered_below_what_is_held_lets_it_end(
    alice: User, project: Project
) -> None:
    job = factories.job(alice, project_id=project.pk)
    ledger.set_project_cap(project, 0, reason="Over", actor=None)
    ledger.set_team_cap(0, reason="Over", actor=None)
    ended(job, 60)
    assert ledger.audit() == []
    assert factories.job(alice).status == Status.AWAITING_BUDGET


@pytest.mark.parametrize("credits", [-1, ledger.CREDITS_MAX + 1, 2**63])
def test_no_honest_limit_is_negative_or_beyond_counting(
    alice: User, project: Project, credits: int
) -> None:
    with pytest.raises(ledger.OutOfRange):
        ledger.set_allowance(alice, credits, reason="?", actor=None)
    with pytest.raises(ledger.OutOfRange):
        ledger.set_project_cap(project, credits, reason="?", actor=None)
    with pytest.raises(ledger.OutOfRange):
        ledger.set_team_cap(credits, reason="?", actor=None)


# ── What the audit finds ─────────────────────────────────────────────────────
def test_books_of_the_team_that_say_less_than_those_of_its_people_are_found(alice: User) -> None:
    job = factories.job(alice)
    ledger.settle(job, 60)
    Job.objects.filter(pk=job.pk).update(status=Status.SUCCEEDED, charged=50)
    texts = [mismatch.text for mismatch in ledger.audit()]
    assert any("has spent 60 instead of 50, of the person's budget" in text for text in texts)
    assert any("has spent 60 instead of 50, of the team's budget" in text for text in texts)


def test_a_frozen_budget_of_the_team_stops_new_submissions(alice: User) -> None:
    factories.job(alice)
    Budget.objects.of_team().update(balance=5)
    assert "team" in ledger.check()[0].text
    with pytest.raises(lifecycle.NotSubmitted, match="figures don’t add up"):
        lifecycle.submit(alice, factories.submission(), uuid4())


# ── What an accident leaves ──────────────────────────────────────────────────
def test_a_reset_day_set_back_leaves_no_day_without_a_period(carol: User, november: Any) -> None:
    allow(carol, 100)
    ledger.open_periods()
    for day, moment in ((15, "2026-12-02T12:00Z"), (1, "2026-12-20T12:00Z")):
        Team.objects.update_or_create(pk=1, defaults={"reset_day": day})
        november.move_to(moment)
        ledger.open_periods()
    periods_of = Budget.objects.filter(owner=carol, period__isnull=False).order_by("period")
    assert list(periods_of.values_list("period", "until")) == [
        (date(2026, 11, 1), date(2026, 12, 1)),
        (date(2026, 12, 1), date(2026, 12, 15)),
        (date(2026, 12, 15), date(2027, 1, 1)),
    ]
    assert factories.job(carol).status == Status.QUEUED


@pytest.mark.parametrize(("credits", "free"), [(0, 0), (500, 440)])
def test_whoever_has_read_the_old_allowance_begins_no_period_with_it(
    carol: User, credits: int, free: int
) -> None:
    allow(carol, 100)
    stale = User.objects.get(pk=carol.pk)
    allow(carol, credits)
    lifecycle.submit(stale, factories.submission(), uuid4())
    assert ledger.standing_of(carol).available == free


def test_what_is_shown_as_free_can_be_spent_even_beside_a_debt(carol: User) -> None:
    ledger.grant(carol, 60, reason="for a test", actor=None)
    ended(factories.job(carol), 100)
    allow(carol, 70)
    assert ledger.standing_of(carol).available == 70
    assert factories.job(carol).status == Status.QUEUED
    assert ledger.audit() == []


def test_a_grants_form_that_comes_back_with_other_content_grants_nothing(
    alice: User, bob: User
) -> None:
    key = uuid4()
    ledger.grant(alice, 10, reason="Film", actor=None, key=key)
    with pytest.raises(ledger.KeyReused):
        ledger.grant(bob, 500, reason="Film", actor=None, key=key)
    assert ledger.standing_of(bob).balance == 1000


def test_what_somebody_else_took_since_one_looked_is_not_held(
    alice: User, admin: User, project: Project
) -> None:
    ledger.set_project_cap(project, 59, reason="for a test", actor=admin)
    looked_at = Budget.objects.get(project=project)
    job = factories.job(alice)
    assert job.booked_on
    with pytest.raises(movements._Overtaken), transaction.atomic():
        movements._hold([(job, looked_at, 60)], [(looked_at, 60)], job.booked_on)
    assert ledger.standing_of_project(project).held == 0


def test_a_limit_set_to_what_it_is_writes_nothing(alice: User, carol: User) -> None:
    project = Project.objects.create(name="Autumn")

    def set_all() -> None:
        ledger.set_allowance(alice, 70, reason="Winter", actor=None)
        ledger.set_project_cap(project, 700, reason="Winter", actor=None)
        ledger.set_team_cap(7000, reason="Winter", actor=None)
        ledger.set_project_cap(Project.objects.get(), 700, reason="Again", actor=None)
        ledger.end_allowance(carol, reason="Left", actor=None)

    set_all()
    changes = AuditEvent.objects.filter(action__endswith="changed")
    before = changes.count(), LedgerEntry.objects.count(), list(Budget.objects.values())
    assert before[0] == 3
    set_all()
    assert (changes.count(), LedgerEntry.objects.count(), list(Budget.objects.values())) == before
