"""Soft limits: warned once per mark, and told when a budget will end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from jobs import budget_warnings, ledger, tasks
from jobs.ledger import Standing, forecast
from jobs.ledger.forecast import SpendingPace
from jobs.models import BudgetWarning, Job, Project, User
from tests.support import factories, kie
from tests.support.racing import together
from tests.support.running import drain_queue, purge_queue
from tests.support.states.mails import a_minute_passes

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def on_the_20th() -> Iterator[None]:
    """20 November 2026, with a period since the 1st."""
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False):
        yield


def standing(free: int, resets_on: date | None = None, **facts: Any) -> Standing:
    return Standing(balance=free, held=0, given=1000, resets_on=resets_on, **facts)


def said() -> list[tuple[str, int]]:
    return [(str(each.budget), each.percent) for each in BudgetWarning.objects.order_by("pk")]


# ── Forecast ─────────────────────────────────────────────────────────────────
DECEMBER = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("free", "resets_on", "pace", "words"),
    [
        (30, DECEMBER, SpendingPace(200, 10, 20), "At this pace, credits run out on 23 Nov."),
        (39, DECEMBER, SpendingPace(200, 10, 20), "At this pace, credits run out on 23 Nov."),
        (
            400,
            DECEMBER,
            SpendingPace(200, 10, 20),
            "At this pace, credits last until the reset on 1 Dec 2026, 00:00 UTC.",
        ),
        (500, None, SpendingPace(140, 10, 14), "At this pace, credits run out on 9 Jan 2027."),
        # Far away, nothing left, or too little known: nothing is said.
        (10**6, None, SpendingPace(140, 10, 14), ""),
        (0, DECEMBER, SpendingPace(200, 10, 20), ""),
        (30, DECEMBER, SpendingPace(200, 10, 2), ""),
        (30, DECEMBER, SpendingPace(200, 2, 20), ""),
        (30, DECEMBER, SpendingPace(0, 0, 20), ""),
    ],
)
def test_the_day_on_which_a_budget_ends(
    on_the_20th: None, free: int, resets_on: date | None, pace: SpendingPace, words: str
) -> None:
    assert forecast.outlook(standing(free, resets_on), pace) == words


def test_what_has_no_cap_has_no_end(on_the_20th: None) -> None:
    assert forecast.outlook(standing(30, is_capped=False), SpendingPace(200, 10, 20)) == ""


def test_the_pace_is_that_of_the_running_period(on_the_20th: None) -> None:
    alice = factories.member("alice", credits=1000)
    User.objects.update(date_joined=datetime(2026, 1, 1, tzinfo=UTC), allowance=100)
    alice.refresh_from_db()
    jobs = [factories.job(alice) for _ in range(4)]
    for job, day in zip(jobs, (1, 5, 20), strict=False):
        Job.objects.filter(pk=job.pk).update(booked_on=date(2026, 11, day))
    Job.objects.filter(pk=jobs[3].pk).update(booked_on=date(2026, 10, 31))
    # One failed and cost nothing.
    Job.objects.filter(pk=jobs[0].pk).update(charged=0)
    own = ledger.standing_of(alice)
    assert forecast.paces_of({alice: own})[alice.pk] == SpendingPace(120, 2, 20)


def test_without_a_period_it_is_that_of_two_weeks_or_of_ones_time_here(on_the_20th: None) -> None:
    alice, bob = factories.member("alice", credits=500), factories.member("bob")
    User.objects.filter(pk=alice.pk).update(date_joined=datetime(2026, 1, 1, tzinfo=UTC))
    User.objects.filter(pk=bob.pk).update(date_joined=datetime(2026, 11, 18, tzinfo=UTC))
    people = {each: ledger.standing_of(each) for each in User.objects.all()}
    paces = forecast.paces_of(people)
    assert (paces[alice.pk].days, paces[bob.pk].days) == (14, 3)


# ── Warnings ─────────────────────────────────────────────────────────────────
@pytest.fixture
def carol(db: None) -> User:
    """A member with 300 credits: the fourth job of 60 is 80 %, the fifth is all."""
    return factories.member("carol", credits=300)


def order(user: User, number: int, **changes: Any) -> Job:
    """So many jobs, each looked after as a worker does it."""
    jobs = []
    for _ in range(number):
        jobs.append(factories.job(user, **changes))
        budget_warnings.notice(jobs[-1].pk)
    return jobs[-1]


def test_each_mark_is_said_once(carol: User) -> None:
    order(carol, 3)
    assert said() == []
    job = order(carol, 1)
    assert said() == [("carol", 80)]
    budget_warnings.notice(job.pk)
    budget_warnings.notice_all()
    order(carol, 1)
    assert said() == [("carol", 80), ("carol", 95)]


def test_whoever_passes_both_at_once_hears_of_the_higher_one(carol: User) -> None:
    *_, last = [factories.job(carol) for _ in range(5)]
    budget_warnings.notice(last.pk)
    ledger.release(last)
    budget_warnings.notice_all()
    assert said() == [("carol", 95)]


def test_new_credits_can_come_to_their_end_anew(carol: User) -> None:
    for _ in range(4):
        factories.succeeded(carol)
    budget_warnings.notice_all()
    # Up to the same figure as before.
    ledger.grant(carol, 240, reason="x", actor=None)
    budget_warnings.notice_all()
    assert len(said()) == 1
    order(carol, 4)
    assert said() == [("carol", 80), ("carol", 80)]


def test_a_period_is_warned_of_anew(carol: User) -> None:
    ledger.grant(carol, -300, reason="x", actor=None)
    ledger.set_allowance(carol, 60, reason="x", actor=None)
    carol.refresh_from_db()
    order(carol, 1)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=32), tick=False):
        order(carol, 1)
    assert [percent for _, percent in said()] == [95, 95]


def test_the_caps_of_projects_and_of_the_team_have_marks_too(alice: User) -> None:
    project = Project.objects.create(name="Autumn")
    ledger.set_project_cap(project, 70, reason="x", actor=None)
    ledger.set_team_cap(62, reason="x", actor=None)
    order(alice, 1, project_id=project.pk)
    month = ledger.today().replace(day=1)
    assert said() == [("Autumn", 80), (f"team, from {month}", 95)]


@pytest.mark.django_db(transaction=True)
def test_workers_who_notice_at_the_same_moment_say_it_once() -> None:
    carol = factories.member("carol", credits=60)
    job = factories.job(carol)
    assert together(4, lambda _: budget_warnings.notice(job.pk)) == [None] * 4
    assert said() == [("carol", 95)]


def test_what_has_no_cap_is_never_warned_of(alice: User) -> None:
    order(alice, 1, project_id=Project.objects.create(name="Autumn").pk)
    budget_warnings.notice_all()
    assert said() == []


def test_a_worker_notices_after_it_has_sent_the_job(carol: User, provider: Any) -> None:
    provider.answer(json=kie.accepted())
    ledger.grant(carol, -235, reason="x", actor=None)
    tasks.start(str(factories.job(carol).pk))
    assert said() == [("carol", 80)]


# ── E-mail ───────────────────────────────────────────────────────────────────
@pytest.fixture
def post(settings: Any, carol: User, admin: User) -> None:
    """Mail is configured, and everybody has an address."""
    settings.HAS_MAIL = True
    for user in (carol, admin):
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@studio.example")


def test_nothing_is_sent_until_mail_is_configured(carol: User) -> None:
    for _ in range(4):
        factories.job(carol)
    purge_queue()
    budget_warnings.notice_all()
    assert (len(said()), drain_queue(), mail.outbox) == (1, 0, [])


def test_a_warning_goes_to_the_person_and_the_admins(
    post: None, carol: User, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://dailies.example"
    order(carol, 4)
    a_minute_passes()
    a_minute_passes()
    hers, admins = sorted(mail.outbox, key=lambda letter: letter.to, reverse=True)
    assert (hers.to, admins.to) == (["carol@studio.example"], ["ada@studio.example"])
    assert hers.subject == "You have used 80% of your credits"
    assert admins.subject == "carol has used 80% of their credits"
    assert "Available now: 60 credits" in hers.body
    assert "https://dailies.example/news/" in hers.body


def test_without_a_public_address_there_are_no_links(post: None, carol: User) -> None:
    order(carol, 4)
    a_minute_passes()
    assert "http" not in str(mail.outbox[0].body)


def test_a_name_from_right_to_left_turns_no_sentence(post: None, alice: User) -> None:
    project = Project.objects.create(name="סרט הסתיו")
    ledger.set_project_cap(project, 60, reason="x", actor=None)
    factories.job(alice, project_id=project.pk)
    budget_warnings.notice_all()
    a_minute_passes()
    (message,) = mail.outbox
    assert "\u2068סרט הסתיו\u2069 has used 95%" in message.subject
    assert "\u2068סרט הסתיו\u2069 has used" in str(message.body)


def test_a_name_makes_no_header(post: None, alice: User) -> None:
    project = Project.objects.create(name="Autumn\nBcc: x@evil.example")
    ledger.set_project_cap(project, 60, reason="x", actor=None)
    order(alice, 1, project_id=project.pk)
    a_minute_passes()
    (message,) = mail.outbox
    assert message.to == ["ada@studio.example"]
    assert message.subject.startswith("The project Autumn Bcc: x@evil.example has used")
