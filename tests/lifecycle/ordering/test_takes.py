"""Several takes in one order: all or none of them, one group, and one decision (300 to 303)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from jobs import follower, ledger, lifecycle
from jobs.models import BudgetRequest, Job, LedgerEntry, Project, User
from jobs.models.jobs.status import Status
from jobs.net.floods import Limit
from tests.support import factories
from tests.support.limited import allow
from tests.support.running import drain_queue

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def order(owner: User, takes: int, key: UUID | None = None, **changes: Any) -> list[Job]:
    """An order of so many takes."""
    return lifecycle.submit_takes(owner, factories.submission(**changes), key or uuid4(), takes)


def now(jobs: list[Job]) -> list[str]:
    """Where each stands by now, in the order of the takes."""
    rows = Job.objects.filter(pk__in=[job.pk for job in jobs])
    return list(rows.order_by("take").values_list("status", flat=True))


@pytest.fixture
def carol() -> User:
    """A member with credits for three videos."""
    return factories.member("carol", credits=200)


@pytest.fixture
def parked(carol: User) -> list[Job]:
    """Four takes that need 240 credits of somebody who has 200."""
    return order(carol, 4)


@pytest.fixture
def request_(parked: list[Job]) -> BudgetRequest:
    return BudgetRequest.objects.get()


# ── The rows ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("place", [{"take": 1}, {"take_group": uuid4()}])
def test_a_take_has_a_group_and_a_place_or_neither(alice: User, place: dict[str, Any]) -> None:
    job = factories.job(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**place)


@pytest.mark.parametrize("take", [0, 5])
def test_there_are_four_places_in_a_group(alice: User, take: int) -> None:
    job = factories.job(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(take_group=uuid4(), take=take)


def test_no_two_takes_have_the_same_place(alice: User) -> None:
    jobs = order(alice, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=jobs[1].pk).update(take=1)


# ── The order ────────────────────────────────────────────────────────────────
def test_four_takes_are_one_group_of_different_seeds_and_hold_their_price(alice: User) -> None:
    jobs = order(alice, 4)
    assert [job.take for job in jobs] == [1, 2, 3, 4]
    assert len({job.take_group for job in jobs}) == 1
    assert len({job.seed for job in jobs}) == 4
    assert {(job.status, job.quote) for job in jobs} == {("queued", 60)}
    assert ledger.granted_to(alice).held == 240
    assert ledger.audit() == []


@pytest.fixture
def midnights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever the day is asked for, the next one has begun."""
    days = (date(2026, 11, 30) + timedelta(days=number) for number in count())
    monkeypatch.setattr(ledger, "today", lambda: next(days))


def one_day_of(jobs: list[Job]) -> bool:
    """They and all that their hold has moved count for one and the same day."""
    rows = Job.objects.filter(pk__in=[job.pk for job in jobs])
    entries = LedgerEntry.objects.filter(job__in=rows)
    days = (each.values_list("booked_on", flat=True) for each in (rows, entries))
    return len(set().union(*days)) == 1


@pytest.mark.usefixtures("midnights")
def test_takes_that_are_ordered_over_midnight_count_for_one_day(alice: User) -> None:
    assert one_day_of(order(alice, 4))


@pytest.mark.usefixtures("midnights")
def test_takes_that_are_approved_over_midnight_count_for_one_day(
    parked: list[Job], request_: BudgetRequest, carol: User, admin: User
) -> None:
    ledger.grant(carol, 1000, reason="for a test", actor=admin)
    lifecycle.approve(request_, admin)
    assert one_day_of(parked)


def test_what_is_ordered_alone_has_no_group(alice: User) -> None:
    [job] = order(alice, 1)
    assert (job.take_group, job.take) == (None, None)


def test_a_chosen_seed_is_the_first_ones_and_the_others_follow_it(alice: User) -> None:
    assert [job.seed for job in order(alice, 3, seed=20_000)] == [20_000, 20_001, 20_002]


def test_a_seed_that_leaves_no_room_for_the_other_takes_is_told(alice: User) -> None:
    last = factories.submission(seed=99_997)
    assert lifecycle.check(alice, last, 3) == []
    [problem] = lifecycle.check(alice, last, 4)
    assert problem.field == "seed"
    assert problem.message == "4 takes use this seed and the 3 after it. Choose 99996 or less."


def test_each_take_is_sent_by_itself(alice: User, provider: Any) -> None:
    for number in range(3):
        provider.answer(json={"code": 200, "msg": "success", "data": {"taskId": f"veo_{number}"}})
    jobs = order(alice, 3)
    drain_queue()
    assert now(jobs) == ["running"] * 3
    sent = [asked.json["seeds"] for asked in provider.requests]
    assert sorted(sent) == sorted(job.seed for job in jobs)


def test_the_allowance_pays_before_the_grant_for_all_of_them_together(alice: User) -> None:
    ledger.set_allowance(alice, 100, reason="for a test", actor=None)
    jobs = order(User.objects.get(pk=alice.pk), 4)
    holds = LedgerEntry.objects.of_people().filter(kind="hold")
    by_job = {job.pk: sum(entry.held for entry in holds.filter(job=job)) for job in jobs}
    assert set(by_job.values()) == {60}
    assert sorted(holds.values_list("held", flat=True)) == [20, 40, 60, 60, 60]
    assert ledger.audit() == []


def little_of_ones_own(owner: User, project: Project) -> None:
    ledger.grant(owner, -761, reason="for a test", actor=None)


def a_projects_cap(owner: User, project: Project) -> None:
    ledger.set_project_cap(project, 239, reason="for a test", actor=None)


def the_teams_cap(owner: User, project: Project) -> None:
    ledger.set_team_cap(239, reason="for a test", actor=None)


@pytest.mark.parametrize("bound", [little_of_ones_own, a_projects_cap, the_teams_cap])
def test_what_does_not_fit_as_a_whole_is_parked_as_a_whole(
    alice: User, bound: Callable[[User, Project], None]
) -> None:
    project = Project.objects.create(name="Autumn")
    bound(alice, project)
    jobs = order(alice, 4, project_id=project.pk)
    assert now(jobs) == ["awaiting_budget"] * 4
    assert {job.error for job in jobs} == {jobs[0].error}
    assert jobs[0].error.startswith("These 4 takes need 240 credits, but ")
    request = BudgetRequest.objects.get()
    assert (request.credits, set(request.jobs.all())) == (240, set(jobs))
    assert not LedgerEntry.objects.filter(kind="hold").exists()


def test_where_nothing_may_be_parked_nothing_is_stored(carol: User) -> None:
    with pytest.raises(
        lifecycle.NotSubmitted, match="These 4 takes need 240 credits, but you have 200"
    ):
        lifecycle.submit_takes(carol, factories.submission(), uuid4(), 4, may_park=False)
    assert not Job.objects.exists()
    assert not BudgetRequest.objects.exists()


# ── One click ────────────────────────────────────────────────────────────────
def test_the_same_click_is_the_same_takes(alice: User) -> None:
    key = uuid4()
    first = order(alice, 4, key)
    assert order(alice, 4, key) == first
    assert ledger.granted_to(alice).held == 240


@pytest.mark.parametrize(("first", "then"), [(1, 4), (4, 1), (2, 4), (4, 2)])
def test_the_same_key_with_another_number_of_takes_is_refused(
    alice: User, first: int, then: int
) -> None:
    key = uuid4()
    order(alice, first, key)
    with pytest.raises(lifecycle.SubmissionKeyReused):
        order(alice, then, key)
    assert Job.objects.count() == first


def test_the_same_key_with_another_prompt_is_refused(alice: User) -> None:
    key = uuid4()
    order(alice, 2, key)
    with pytest.raises(lifecycle.SubmissionKeyReused):
        order(alice, 2, key, prompt="Something else")


def test_two_people_may_have_the_same_key(alice: User, bob: User) -> None:
    key = uuid4()
    assert order(alice, 2, key)[0].take_group != order(bob, 2, key)[0].take_group


def test_takes_count_as_so_many_orders(alice: User, settings: Any) -> None:
    allow(settings, Limit.ORDERS, "5/10m")
    key = uuid4()
    order(alice, 4, key)
    with pytest.raises(lifecycle.TooManyOrders):
        order(alice, 2)
    order(alice, 4, key)
    order(alice, 1)
    assert Job.objects.count() == 5


def test_a_take_that_is_retried_stands_alone(alice: User) -> None:
    jobs = order(alice, 2)
    lifecycle.cancel(jobs[0], alice)
    again = lifecycle.retry(Job.objects.get(pk=jobs[0].pk), alice)
    assert (again.take_group, again.status) == (None, "queued")


# ── Before it is paid for ────────────────────────────────────────────────────
def test_the_price_that_has_to_be_seen_is_that_of_all_takes(alice: User) -> None:
    news = lifecycle.confirm(alice, factories.submission(), uuid4(), takes=4, seen_cost=60)
    assert news == lifecycle.CostsOtherwise(240, 60)
    asked = lifecycle.confirm(alice, factories.submission(), uuid4(), takes=4, seen_cost=240)
    assert asked is None


def test_a_take_that_was_made_before_is_told_whichever_of_them_it_is(alice: User) -> None:
    made = factories.succeeded(alice, seed=20_002)
    wanted = factories.submission(seed=20_000)
    asked = lifecycle.confirm(alice, wanted, uuid4(), takes=2, seen_cost=None)
    assert asked is None
    asked = lifecycle.confirm(alice, wanted, uuid4(), takes=3, seen_cost=None)
    assert asked == lifecycle.AlreadyMade(made)


def test_an_order_of_takes_is_no_twin_of_its_own(alice: User) -> None:
    key = uuid4()
    order(alice, 3, key)
    assert lifecycle.already_made(alice, factories.submission(), key, 3) is None


# ── One decision ─────────────────────────────────────────────────────────────
def test_all_takes_are_approved_together(
    parked: list[Job], request_: BudgetRequest, carol: User, admin: User
) -> None:
    lifecycle.approve(request_, admin)
    assert now(parked) == ["queued"] * 4
    assert (ledger.standing_of(carol).balance, ledger.standing_of(carol).held) == (240, 240)
    assert drain_queue() == 4
    assert ledger.audit() == []


def test_an_approved_take_that_is_called_off_gives_back_what_was_approved_for_it(
    parked: list[Job], request_: BudgetRequest, carol: User, admin: User
) -> None:
    lifecycle.approve(request_, admin)
    for job in parked:
        lifecycle.cancel(job, carol)
    assert ledger.standing_of(carol).balance == 200
    assert ledger.audit() == []


def test_all_takes_are_declined_together(
    parked: list[Job], request_: BudgetRequest, admin: User
) -> None:
    lifecycle.decline(request_, admin, answer="Two will do")
    assert now(parked) == ["canceled"] * 4
    assert Job.objects.filter(error="ada declined: Two will do").count() == 4


def test_a_raised_limit_sends_all_takes(
    parked: list[Job], request_: BudgetRequest, admin: User
) -> None:
    raise_by = lifecycle.raise_limits
    with pytest.raises(lifecycle.NotSubmitted, match="These 4 takes need 240 credits"):
        raise_by(request_, admin, {lifecycle.Limit.GRANT: 39}, reason="Almost")
    raise_by(request_, admin, {lifecycle.Limit.GRANT: 40}, reason="Launch")
    assert now(parked) == ["queued"] * 4
    assert ledger.audit() == []


def test_whichever_take_is_started_all_go_that_wait(parked: list[Job], carol: User) -> None:
    ledger.grant(carol, 40, reason="More", actor=None)
    lifecycle.admit(parked[2], carol)
    assert now(parked) == ["queued"] * 4
    assert BudgetRequest.objects.get().state == "unneeded"


def test_of_parked_takes_one_can_be_called_off_and_the_others_ask_for_less(
    parked: list[Job], request_: BudgetRequest, carol: User
) -> None:
    assert lifecycle.cancel(parked[0], carol)
    request_.refresh_from_db()
    assert (request_.state, request_.credits) == ("open", 180)
    versions = Job.objects.filter(status=Status.AWAITING_BUDGET).values_list("version", flat=True)
    assert set(versions) == {2}
    follower.sweep()
    request_.refresh_from_db()
    assert request_.fits
    lifecycle.admit(parked[3], carol)
    assert now(parked) == ["canceled", "queued", "queued", "queued"]
    assert ledger.audit() == []


def test_a_take_that_was_called_off_starts_nothing(parked: list[Job], carol: User) -> None:
    ledger.grant(carol, 40, reason="More", actor=None)
    lifecycle.cancel(parked[0], carol)
    with pytest.raises(lifecycle.NotSubmitted, match="no longer waiting"):
        lifecycle.admit(parked[0], carol)
    assert now(parked)[1:] == ["awaiting_budget"] * 3


def test_with_the_last_take_its_request_is_withdrawn(
    parked: list[Job], request_: BudgetRequest, carol: User
) -> None:
    for job in parked:
        lifecycle.cancel(job, carol)
    request_.refresh_from_db()
    assert request_.state == "withdrawn"


def test_the_admins_read_why_it_is_asked_for(carol: User) -> None:
    lifecycle.submit_takes(carol, factories.submission(), uuid4(), 4, reason="The client is here")
    assert BudgetRequest.objects.get().reason == "The client is here"
