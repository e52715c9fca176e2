"""The same thing at the same moment, in real threads: one winner, and books that add up."""

from __future__ import annotations

from collections import Counter
from uuid import uuid4

import pytest

from jobs import follower, inbox, ledger, lifecycle
from jobs.archive.fetching import lease
from jobs.models import (
    Budget,
    BudgetRequest,
    Job,
    LedgerEntry,
    Project,
    Rendition,
    User,
    WebhookEvent,
)
from jobs.providers.base import Result, Snapshot, State
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.racing import together
from tests.support.running import purge_queue
from tests.support.sending import sent
from tests.support.takes import finished

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

SUCCESS = Snapshot(State.SUCCEEDED, results=(Result("https://x.aiquickdraw.com/a.mp4", "720p"),))


def accepted(outcomes: list[Job | Exception]) -> list[Job]:
    return [job for job in outcomes if isinstance(job, Job)]


def test_twenty_four_clicks_with_budget_for_ten_make_ten_jobs() -> None:
    carol = factories.member("carol", credits=10 * 60)
    outcomes = together(24, lambda _: lifecycle.submit(carol, factories.submission(), uuid4()))
    statuses = Counter(job.status for job in accepted(outcomes))
    assert statuses == {"queued": 10, "awaiting_budget": 14}
    assert ledger.audit() == []


def test_fifty_clicks_with_budget_for_five_make_five_holds() -> None:
    carol = factories.member("carol", credits=5 * 60 + 59)
    together(50, lambda _: lifecycle.submit(carol, factories.submission(), uuid4()))
    budget = Budget.objects.get(owner=carol)
    assert (LedgerEntry.objects.of_people().filter(kind="hold").count(), budget.held) == (5, 300)


def test_a_cap_for_five_holds_for_all_people_and_projects_at_once(alice: User, bob: User) -> None:
    """Two people, each with an allowance and a grant, on two projects, under one team cap."""
    projects = [Project.objects.create(name=name) for name in ("One", "Two")]
    ledger.set_team_cap(5 * 60, reason="for a test", actor=None)
    for person in (alice, bob):
        ledger.set_allowance(person, 90, reason="for a test", actor=None)
    people = [User.objects.get(pk=person.pk) for person in (alice, bob)]

    def click(number: int) -> Job:
        filed = factories.submission(project_id=projects[number // 2 % 2].pk)
        return lifecycle.submit(people[number % 2], filed, uuid4())

    statuses = Counter(job.status for job in accepted(together(24, click)))
    assert statuses == {"queued": 5, "awaiting_budget": 19}
    assert ledger.audit() == []


def test_one_request_is_approved_once(alice: User, admin: User) -> None:
    request = lifecycle.ask_ahead(alice, 600, reason="Film", project=None, key=uuid4())
    outcomes = together(8, lambda _: lifecycle.approve(request, admin))
    assert outcomes.count(None) == 1
    assert ledger.standing_of(alice).balance == 1600


def test_a_grants_form_that_arrives_four_times_at_once_grants_once(alice: User) -> None:
    key = uuid4()
    outcomes = together(4, lambda _: ledger.grant(alice, 10, reason="Film", actor=None, key=key))
    assert len({getattr(outcome, "pk", outcome) for outcome in outcomes}) == 1
    assert ledger.standing_of(alice).balance == 1010


def test_calling_off_and_declining_at_once_is_one_end(alice: User, admin: User) -> None:
    ledger.set_team_cap(0, reason="for a test", actor=None)
    parked = [factories.job(alice) for _ in range(6)]
    requests = [BudgetRequest.objects.get(job=job) for job in parked]

    def act(number: int) -> None:
        if number % 2:
            lifecycle.cancel(parked[number // 2], alice)
        else:
            lifecycle.decline(requests[number // 2], admin, answer="No")

    problems = [each for each in together(12, act) if isinstance(each, Exception)]
    assert all(isinstance(each, lifecycle.AlreadyDecided) for each in problems), problems
    assert set(Job.objects.values_list("status", flat=True)) == {"canceled"}


def test_a_parked_job_that_fits_by_now_goes_once_whoever_presses(alice: User, admin: User) -> None:
    ledger.set_team_cap(0, reason="for a test", actor=None)
    parked = factories.job(alice)
    request = BudgetRequest.objects.get(job=parked)
    ledger.set_team_cap(None, reason="for a test", actor=None)

    def press(number: int) -> None:
        match number % 3:
            case 0:
                lifecycle.admit(Job.objects.get(pk=parked.pk), alice)
            case 1:
                lifecycle.admit(Job.objects.get(pk=parked.pk), admin)
            case _:
                lifecycle.approve(request, admin)

    outcomes = together(9, press)
    assert outcomes.count(None) == 1
    assert ledger.standing_of(alice).held == 60
    assert LedgerEntry.objects.of_people().filter(kind="hold").count() == 1
    assert ledger.audit() == []


def test_nobody_waits_in_a_circle_while_limits_are_raised(
    alice: User, bob: User, admin: User
) -> None:
    """Approvals beyond the team's cap, raises of it, and clicks on the same project."""
    project = Project.objects.create(name="One")
    ledger.set_team_cap(0, reason="for a test", actor=None)
    filed = factories.submission(project_id=project.pk)
    parked = [lifecycle.submit(alice, filed, uuid4()) for _ in range(8)]
    requests = [BudgetRequest.objects.get(job=job) for job in parked]

    def act(number: int) -> None:
        which = requests[number // 2]
        if number % 4 == 1:
            raises = {lifecycle.Limit.TEAM: 60, lifecycle.Limit.GRANT: 60}
            lifecycle.raise_limits(which, admin, raises, reason="for a test")
        elif number % 4 == 3:
            lifecycle.submit(bob, filed, uuid4())
        else:
            lifecycle.approve(which, admin)

    problems = [each for each in together(16, act) if isinstance(each, Exception)]
    expected = (lifecycle.AlreadyDecided, lifecycle.NotSubmitted)
    stored = [str(each) for each in problems if "could not store" in str(each)]
    assert all(isinstance(each, expected) for each in problems), problems
    assert stored == []
    assert ledger.audit() == []


def test_a_period_that_many_begin_at_once_begins_once(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(allowance=100)
    outcomes = together(8, lambda _: ledger.open_periods())
    assert outcomes == [None] * 8
    assert LedgerEntry.objects.filter(kind="reset").count() == 1
    assert ledger.audit() == []


def test_ten_parallel_posts_of_one_form_make_one_job() -> None:
    carol, key = factories.member("carol", credits=1000), uuid4()
    outcomes = together(10, lambda _: lifecycle.submit(carol, factories.submission(), key))
    assert len({job.pk for job in accepted(outcomes)}) == 1
    assert len(accepted(outcomes)) == 10
    assert LedgerEntry.objects.of_people().filter(kind="hold").count() == 1


def test_many_workers_with_the_same_jobs_send_each_once(provider: Wire, alice: User) -> None:
    jobs = [factories.job(alice, model="veo3_lite") for _ in range(6)]
    purge_queue()
    ids = iter(range(100))
    provider.reply(lambda _: kie.accepted(f"task-{next(ids)}"), always=True)
    together(12, lambda n: lifecycle.start(jobs[n % 6].pk))
    assert len(provider.posts) == 6
    assert set(Job.objects.values_list("status", flat=True)) == {"running"}


def test_poll_and_callback_settle_once(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted())
    job = sent(alice)
    together(16, lambda _: lifecycle.observe(job.pk, SUCCESS))
    assert LedgerEntry.objects.of_people().filter(kind="settle").count() == 1
    assert Rendition.objects.count() == 1
    assert ledger.audit() == []


def test_a_hundred_parallel_callbacks_are_one(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted())
    job = sent(alice)
    body = kie.callback()
    called = inbox.Called(job.pk, job.provider, job.status, job.credential)
    outcomes = together(40, lambda _: inbox.receive(called, {}, body))
    assert outcomes == [None] * 40
    assert WebhookEvent.objects.count() == 1


def test_parallel_clicks_on_an_upgrade_make_one(alice: User) -> None:
    source = finished(alice)
    order = lifecycle.upgrade_of(source, "upgrade_4k")
    outcomes = together(8, lambda _: lifecycle.submit(alice, order, uuid4()))
    assert len(accepted(outcomes)) == 1
    assert all(isinstance(o, lifecycle.NotSubmitted) for o in outcomes if not isinstance(o, Job))
    assert ledger.audit() == []


def test_of_an_extension_and_a_1080p_copy_at_once_only_the_first_is_taken(alice: User) -> None:
    for _ in range(3):
        source = finished(alice, model="veo3_lite")
        orders = [
            lifecycle.extension_of(source, "And on", "veo3_lite"),
            lifecycle.upgrade_of(source, "upgrade_1080p"),
        ]
        outcomes = together(2, lambda n: lifecycle.submit(alice, orders[n], uuid4()))  # noqa: B023
        assert len(accepted(outcomes)) == 1


def test_cancel_and_claim_never_both_win(provider: Wire, alice: User) -> None:
    ids = iter(range(100))
    provider.reply(lambda _: kie.accepted(f"task-{next(ids)}"), always=True)
    jobs = [factories.job(alice, model="veo3_lite") for _ in range(8)]
    purge_queue()

    def act(number: int) -> None:
        job = jobs[number // 2]
        if number % 2:
            lifecycle.start(job.pk)
        else:
            lifecycle.cancel(job, alice)

    together(16, act)
    canceled = Job.objects.filter(status="canceled").count()
    assert len(provider.posts) == 8 - canceled
    assert LedgerEntry.objects.of_people().filter(kind="release").count() == canceled
    assert ledger.audit() == []


def test_a_due_question_is_asked_by_one_follower(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted())
    sent(alice)
    Job.objects.update(check_at="2000-01-01T00:00Z")
    claims = together(8, lambda _: follower.claim_due())
    assert sorted(len(ids) for ids in claims if isinstance(ids, list)) == [0] * 7 + [1]


def test_two_workers_store_one_file(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted())
    job = sent(alice)
    lifecycle.observe(job.pk, Snapshot(State.SUCCEEDED, (Result(f"{provider.url}/a.mp4", "720p"),)))
    purge_queue()
    rendition = job.renditions.get()
    claims = together(4, lambda _: lease.claim(rendition.pk))
    assert [each for each in claims if each] == [rendition]
    rendition.refresh_from_db()
    assert rendition.attempts == 1


def test_fifty_lost_answers_are_each_created_once_and_all_recovered(
    provider: Wire, alice: User
) -> None:
    ledger.grant(alice, 10_000, reason="for a test", actor=None)
    for _ in range(50):
        provider.rst()
        job = factories.job(alice)
        lifecycle.start(job.pk)
        factories.forget_rates()
    uncertain = Job.objects.filter(status="uncertain")
    assert (uncertain.count(), len(provider.posts)) == (50, 50)
    assert Budget.objects.get(owner=alice).held == 50 * 60

    taken = {f"task-{n}": seen.json for n, seen in enumerate(provider.posts)}
    provider.reply(lambda seen: _record(seen.query["taskId"], taken), path="record", always=True)
    for task, sent_body in taken.items():
        token = sent_body["callBackUrl"].rstrip("/").rpartition("/")[2]
        inbox.receive(inbox.find("kie", token), {}, kie.callback(task))
    for _ in range(50):
        for job_id in follower.claim_due():
            follower.ask(Job.objects.get(pk=job_id))
    assert not uncertain.exists()
    assert Job.objects.filter(status="running").values("external_id").distinct().count() == 50
    assert ledger.audit() == []


def _record(task: str, taken: dict[str, kie.Answer]) -> kie.Answer:
    body = taken[task]
    return kie.running(task, **kie.echo(body["prompt"], body["seeds"], body["callBackUrl"]))
