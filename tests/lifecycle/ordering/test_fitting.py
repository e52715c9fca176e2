"""A parked video that fits by now says so, and goes with one press (100)."""

from __future__ import annotations

from typing import Any

import pytest

from jobs import follower, ledger, lifecycle
from jobs.models import BudgetRequest, Job, LedgerEntry, Project, User
from jobs.models.jobs.status import Status
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def grant_more(owner: User) -> None:
    ledger.grant(owner, 30, reason="More", actor=None)


def give_an_allowance(owner: User) -> None:
    ledger.set_allowance(owner, 10, reason="Monthly", actor=None)


def end_another_job(owner: User) -> None:
    lifecycle.cancel(Job.objects.get(prompt="in the way"), owner)


@pytest.fixture
def parked() -> Job:
    """A video of 60 credits whose owner has 110, of which another one holds 60."""
    carol = factories.member("carol", credits=110)
    factories.job(carol, prompt="in the way")
    return factories.job(carol)


def is_said_to_fit(job: Job) -> bool:
    follower.sweep()
    return BudgetRequest.objects.get(job=job).fits


@pytest.mark.parametrize("make_room", [grant_more, give_an_allowance, end_another_job])
def test_it_is_noticed_wherever_the_room_comes_from(parked: Job, make_room: Any) -> None:
    assert not is_said_to_fit(parked)
    seen = Job.objects.get(pk=parked.pk).version
    make_room(parked.owner)
    assert is_said_to_fit(parked)
    assert Job.objects.get(pk=parked.pk).version == seen + 1
    lifecycle.admit(Job.objects.get(pk=parked.pk), parked.owner)
    assert Job.objects.get(pk=parked.pk).status == Status.QUEUED
    assert ledger.audit() == []


def test_every_budget_must_hold_it(parked: Job) -> None:
    project = Project.objects.create(name="Autumn")
    Job.objects.filter(pk=parked.pk).update(project=project, paid_project=project)
    BudgetRequest.objects.update(project=project)
    ledger.set_project_cap(project, 59, reason="Small", actor=None)
    ledger.set_team_cap(119, reason="Winter", actor=None)
    grant_more(parked.owner)
    assert not is_said_to_fit(parked)
    ledger.set_project_cap(project, 60, reason="Small", actor=None)
    assert not is_said_to_fit(parked)
    ledger.set_team_cap(None, reason="Spring", actor=None)
    assert is_said_to_fit(parked)


def test_of_two_that_fit_alone_the_second_is_said_to_wait_again(parked: Job) -> None:
    carol, second = parked.owner, factories.job(parked.owner)
    grant_more(carol)
    assert (is_said_to_fit(parked), is_said_to_fit(second)) == (True, True)
    lifecycle.admit(Job.objects.get(pk=parked.pk), carol)
    with pytest.raises(lifecycle.NotSubmitted, match="needs 60 credits, but you have 20"):
        lifecycle.admit(Job.objects.get(pk=second.pk), carol)
    assert not is_said_to_fit(second)


def test_what_waits_since_the_other_mode_is_not_said_to_fit(parked: Job) -> None:
    Job.objects.filter(pk=parked.pk).update(practice=True)
    grant_more(parked.owner)
    assert not is_said_to_fit(parked)


def test_nothing_is_written_while_nothing_changes(
    parked: Job, django_assert_max_num_queries: Any
) -> None:
    grant_more(parked.owner)
    lifecycle.notice_room()
    version = Job.objects.get(pk=parked.pk).version
    with django_assert_max_num_queries(8):
        lifecycle.notice_room()
    assert Job.objects.get(pk=parked.pk).version == version


def test_its_request_is_no_longer_needed_then(parked: Job, admin: User) -> None:
    grant_more(parked.owner)
    lifecycle.admit(parked, parked.owner)
    request = BudgetRequest.objects.get(job=parked)
    assert (request.state, request.decided_by) == ("unneeded", parked.owner)
    with pytest.raises(lifecycle.AlreadyDecided, match="This request is no longer needed"):
        lifecycle.approve(request, admin)
    assert not LedgerEntry.objects.filter(kind="grant", job=parked.pk).exists()


def test_a_debt_is_part_of_what_is_short(parked: Job) -> None:
    carol = parked.owner
    ledger.set_allowance(carol, 100, reason="Monthly", actor=None)
    first = Job.objects.get(prompt="in the way")
    # The provider charged more than the grant holds: 110 - 150.
    ledger.settle(first, 150)
    ledger.set_allowance(carol, 50, reason="Less", actor=None)
    request = BudgetRequest.objects.select_related("requester", "project").get(job=parked)
    lacks = ledger.fits_of([request])[request.pk].lacks
    assert lacks == {"own": 50}
    ledger.grant(carol, lacks["own"] - 1, reason="Almost", actor=None)
    assert not is_said_to_fit(parked)
    ledger.grant(carol, 1, reason="Exactly", actor=None)
    assert is_said_to_fit(parked)
