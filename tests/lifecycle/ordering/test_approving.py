"""What a budget does not hold is parked with all it was to be made of, until somebody decides."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from jobs import ledger, lifecycle
from jobs.models import AuditEvent, BudgetRequest, Job, LedgerEntry, Project, Team, User
from jobs.models.jobs.status import Status
from jobs.providers.base import Result, Snapshot, State
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, purge_queue
from tests.support.takes import finished

pytestmark = [pytest.mark.django_db, pytest.mark.data]

SUCCESS = Snapshot(State.SUCCEEDED, (Result("https://files.example/a.mp4", "720p"),))


@pytest.fixture
def carol() -> User:
    return factories.member("carol", credits=50)


@pytest.fixture
def parked(carol: User) -> Job:
    return factories.job(carol)


def request_of(job: Job) -> BudgetRequest:
    return BudgetRequest.objects.get(job=job)


def test_a_parked_job_holds_nothing_and_is_not_sent(parked: Job, carol: User) -> None:
    assert (parked.status, parked.booked_on) == (Status.AWAITING_BUDGET, None)
    assert ledger.standing_of(carol).held == 0
    assert drain_queue() == 0
    assert ledger.audit() == []


def test_a_full_disk_sends_no_approved_job_and_leaves_it_to_be_approved_later(
    parked: Job, admin: User, settings: Any
) -> None:
    settings.MEDIA_FREE_BYTES_MIN = 10**18
    with pytest.raises(lifecycle.NotSubmitted, match="disk space"):
        lifecycle.approve(request_of(parked), admin)
    assert request_of(parked).state == "open"
    settings.MEDIA_FREE_BYTES_MIN = 0
    lifecycle.approve(request_of(parked), admin)
    assert Job.objects.get(pk=parked.pk).status == Status.QUEUED


def test_the_same_click_parks_one_job(carol: User) -> None:
    key = uuid4()
    first = lifecycle.submit(carol, factories.submission(), key)
    assert lifecycle.submit(carol, factories.submission(), key) == first
    assert BudgetRequest.objects.count() == 1


def test_an_approved_job_gets_what_it_lacks_and_sends_itself(
    provider: Wire, parked: Job, carol: User, admin: User
) -> None:
    provider.answer(json=kie.accepted())
    lifecycle.approve(request_of(parked), admin, answer="For once")
    grant = LedgerEntry.objects.of_people().get(job=parked, kind="grant")
    assert (grant.credits, grant.actor) == (10, admin)
    drain_queue()
    parked.refresh_from_db()
    assert (parked.status, ledger.standing_of(carol).available) == (Status.RUNNING, 0)
    assert ledger.audit() == []


def test_what_was_approved_for_a_job_is_taken_back_if_it_is_called_off(
    parked: Job, carol: User, admin: User
) -> None:
    lifecycle.approve(request_of(parked), admin)
    parked.refresh_from_db()
    assert lifecycle.cancel(parked, carol)
    assert ledger.standing_of(carol).balance == 50
    assert ledger.audit() == []


def test_caps_are_lifted_for_the_approved_job_alone(alice: User, bob: User, admin: User) -> None:
    project = Project.objects.create(name="Launch film")
    ledger.set_project_cap(project, 30, reason="Small film", actor=None)
    ledger.set_team_cap(20, reason="Winter", actor=None)
    job = factories.job(alice, project_id=project.pk)
    lifecycle.approve(request_of(job), admin)
    assert Job.objects.get(pk=job.pk).status == Status.QUEUED
    assert ledger.standing_of(alice).balance == 1000
    assert factories.job(bob, project_id=project.pk).status == Status.AWAITING_BUDGET
    assert ledger.audit() == []


def test_a_declined_job_is_over_with_the_admins_sentence(parked: Job, admin: User) -> None:
    lifecycle.decline(request_of(parked), admin, answer="Use Lite for tests")
    parked.refresh_from_db()
    assert (parked.status, parked.charged) == (Status.CANCELED, 0)
    assert parked.error == "ada declined: Use Lite for tests"
    assert ledger.audit() == []


def test_a_parked_job_can_be_called_off(parked: Job, carol: User) -> None:
    assert lifecycle.cancel(parked, carol)
    assert request_of(parked).state == "withdrawn"
    assert ledger.audit() == []


def test_a_parked_job_is_sent_once_there_is_room(parked: Job, carol: User) -> None:
    with pytest.raises(lifecycle.NotSubmitted, match="needs 60 credits, but you have 50"):
        lifecycle.admit(parked, carol)
    ledger.grant(carol, 10, reason="More", actor=None)
    lifecycle.admit(parked, carol)
    parked.refresh_from_db()
    assert (parked.status, request_of(parked).state) == (Status.QUEUED, "unneeded")


@pytest.mark.parametrize("state", ["approved", "declined", "withdrawn"])
def test_what_is_decided_is_not_decided_again(
    parked: Job, carol: User, admin: User, state: str
) -> None:
    request = request_of(parked)
    decisions: dict[str, Callable[[], object]] = {
        "approved": lambda: lifecycle.approve(request, admin),
        "declined": lambda: lifecycle.decline(request, admin, answer="No"),
        "withdrawn": lambda: lifecycle.cancel(parked, carol),
    }
    decisions[state]()
    stale = BudgetRequest.objects.get(pk=request.pk)
    with pytest.raises(lifecycle.AlreadyDecided, match=state):
        lifecycle.approve(stale, admin)
    with pytest.raises(lifecycle.AlreadyDecided, match=state):
        lifecycle.decline(stale, admin, answer="No")


def test_a_parked_upgrade_does_not_stand_in_its_own_way(alice: User, admin: User) -> None:
    take = finished(alice)
    ledger.grant(alice, -900, reason="for a test", actor=None)
    upgrade = factories.upgrade(take)
    assert upgrade.status == Status.AWAITING_BUDGET
    lifecycle.approve(request_of(upgrade), admin)
    assert Job.objects.get(pk=upgrade.pk).status == Status.QUEUED


def test_what_cannot_be_made_any_more_is_not_approved_and_costs_nothing(
    alice: User, admin: User
) -> None:
    take = finished(alice)
    ledger.grant(alice, -900, reason="for a test", actor=None)
    upgrade = factories.upgrade(take)
    factories.age(take, days=15)
    with pytest.raises(lifecycle.NotSubmitted, match="14 days"):
        lifecycle.approve(request_of(upgrade), admin)
    assert (request_of(upgrade).state, ledger.standing_of(alice).balance) == ("open", 40)


def test_credits_asked_for_ahead_are_granted_when_approved(carol: User, admin: User) -> None:
    key = uuid4()

    def ask() -> BudgetRequest:
        return lifecycle.ask_ahead(carol, 600, reason="The launch film", project=None, key=key)

    request = ask()
    assert ask() == request
    lifecycle.approve(request, admin)
    assert ledger.standing_of(carol).balance == 650
    event = AuditEvent.objects.get(action="request approved")
    assert (event.actor, event.subject) == (admin, "600 credits for carol")


def test_a_video_that_was_approved_is_paid_for_like_any_other(
    provider: Wire, parked: Job, carol: User, admin: User
) -> None:
    provider.answer(json=kie.accepted())
    lifecycle.approve(request_of(parked), admin)
    assert AuditEvent.objects.get(action="request approved").after_job == parked
    drain_queue()
    lifecycle.observe(parked.pk, SUCCESS)
    purge_queue()
    assert (ledger.standing_of(carol).balance, ledger.spent_on(parked)) == (0, 60)
    assert ledger.audit() == []


# ── What was approved for one job, whatever becomes of it ────────────────────
def approved(job: Job, admin: User) -> Job:
    """The job after its approval, taken by the provider."""
    lifecycle.approve(request_of(job), admin)
    job.refresh_from_db()
    return factories.run(job)


def test_somebody_in_debt_can_be_approved_and_stays_in_debt(carol: User, admin: User) -> None:
    ledger.settle(factories.job(carol, model="veo3_lite"), 90)
    Job.objects.update(status=Status.SUCCEEDED, charged=90)
    job = factories.job(carol)
    lifecycle.approve(request_of(job), admin)
    job.refresh_from_db()
    assert job.status == Status.QUEUED
    lifecycle.cancel(job, carol)
    assert ledger.standing_of(carol).balance == -40
    assert ledger.audit() == []


def test_approving_one_job_forgives_no_cap_its_deficit(alice: User, admin: User) -> None:
    for _ in range(3):
        factories.succeeded(alice)
    ledger.set_team_cap(100, reason="Stop", actor=None)
    job = factories.job(alice)
    lifecycle.approve(request_of(job), admin)
    job.refresh_from_db()
    lifecycle.cancel(job, alice)
    ledger.set_team_cap(200, reason="More", actor=None)
    assert ledger.standing_of_team(Team.current()).available == 20
    assert ledger.audit() == []


def test_a_late_video_of_an_approved_job_is_paid_with_what_was_approved(
    parked: Job, carol: User, admin: User
) -> None:
    job = approved(parked, admin)
    lifecycle.observe(job.pk, Snapshot(State.FAILED, error="It could not be made."))
    assert ledger.standing_of(carol).balance == 50
    lifecycle.observe(job.pk, SUCCESS)
    purge_queue()
    assert ledger.standing_of(carol).balance == 0
    assert ledger.audit() == []


def test_a_lost_job_that_turns_out_cheaper_gives_the_approved_back_first(
    parked: Job, carol: User, admin: User
) -> None:
    job = approved(parked, admin)
    lifecycle.lose(job, "No record")
    late = Snapshot(State.SUCCEEDED, SUCCESS.results, provider_credits=Decimal(30))
    lifecycle.observe(job.pk, late)
    purge_queue()
    assert ledger.standing_of(carol).balance == 20
    assert ledger.audit() == []


def test_what_waits_since_the_other_mode_is_not_sent_in_this_one(parked: Job, admin: User) -> None:
    Job.objects.filter(pk=parked.pk).update(practice=True)
    with pytest.raises(lifecycle.NotSubmitted, match="other mode"):
        lifecycle.approve(request_of(parked), admin)
    assert not LedgerEntry.objects.filter(kind="grant", job=parked.pk).exists()


def test_what_builds_on_a_video_without_its_key_is_not_approved(alice: User, admin: User) -> None:
    take = finished(alice)
    ledger.grant(alice, -940, reason="for a test", actor=None)
    extension = factories.extension(take)
    Job.objects.filter(pk=extension.pk).update(credential=None)
    with pytest.raises(lifecycle.NotSubmitted, match="is gone"):
        lifecycle.approve(request_of(extension), admin)


def test_of_two_parked_orders_of_one_video_the_first_to_be_approved_is_made(
    alice: User, admin: User
) -> None:
    take = finished(alice)
    ledger.grant(alice, -940, reason="for a test", actor=None)
    ledger.set_team_cap(0, reason="Stop", actor=None)
    extension, upgrade = factories.extension(take), factories.upgrade(take, "upgrade_1080p")
    lifecycle.approve(request_of(extension), admin)
    with pytest.raises(lifecycle.NotSubmitted, match="being extended right now"):
        lifecycle.approve(request_of(upgrade), admin)


def test_a_request_that_comes_back_with_other_content_asks_for_nothing(carol: User) -> None:
    key = uuid4()
    lifecycle.ask_ahead(carol, 10, reason="Film", project=None, key=key)
    with pytest.raises(lifecycle.NotSubmitted, match="other content"):
        lifecycle.ask_ahead(carol, 500, reason="Film", project=None, key=key)
