"""Orders of several takes at the same moment, in real threads (300)."""

from __future__ import annotations

from collections import Counter
from uuid import uuid4

import pytest

from jobs import ledger, lifecycle
from jobs.models import BudgetRequest, Job, Project, User
from tests.support import factories
from tests.support.racing import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def statuses() -> Counter[frozenset[str]]:
    """The statuses that are found within each group, and how often."""
    found: dict[object, set[str]] = {}
    for group, status in Job.objects.values_list("take_group", "status"):
        found.setdefault(group, set()).add(status)
    return Counter(frozenset(each) for each in found.values())


QUEUED, PARKED = frozenset({"queued"}), frozenset({"awaiting_budget"})


def test_of_many_orders_at_once_each_fits_as_a_whole_or_waits_as_a_whole() -> None:
    carol = factories.member("carol", credits=700)
    project = Project.objects.create(name="Autumn")
    ledger.set_project_cap(project, 650, reason="for a test", actor=None)
    ledger.set_team_cap(600, reason="for a test", actor=None)
    wanted = factories.submission(project_id=project.pk)
    together(8, lambda _: lifecycle.submit_takes(carol, wanted, uuid4(), 4))
    assert statuses() == {QUEUED: 2, PARKED: 6}
    assert ledger.standing_of(carol).held == 480
    assert ledger.audit() == []


@pytest.mark.parametrize("numbers", [(4, 4), (1, 4)], ids=["the same", "one or four takes"])
def test_one_key_that_arrives_many_times_at_once_is_one_order(
    alice: User, numbers: tuple[int, int]
) -> None:
    key = uuid4()
    outcomes = together(
        8,
        lambda which: lifecycle.submit_takes(
            alice, factories.submission(), key, numbers[which % 2]
        ),
    )
    made = {tuple(job.pk for job in each) for each in outcomes if isinstance(each, list)}
    assert len(made) == 1
    assert Job.objects.count() == len(made.pop()) in numbers
    refused = [each for each in outcomes if isinstance(each, Exception)]
    assert all(isinstance(each, lifecycle.SubmissionKeyReused) for each in refused), refused
    assert ledger.audit() == []


def test_calling_takes_off_while_they_are_approved_ends_each_once(alice: User, admin: User) -> None:
    ledger.set_team_cap(0, reason="for a test", actor=None)
    jobs = lifecycle.submit_takes(alice, factories.submission(), uuid4(), 4)
    request = BudgetRequest.objects.get()

    def act(number: int) -> None:
        if number < 3:
            lifecycle.cancel(jobs[number], alice)
        else:
            lifecycle.approve(BudgetRequest.objects.get(pk=request.pk), admin)

    problems = [each for each in together(5, act) if isinstance(each, Exception)]
    assert all(isinstance(each, lifecycle.AlreadyDecided) for each in problems), problems
    held = ledger.standing_of(alice).held
    assert held == 60 * Job.objects.filter(status="queued").count()
    assert not Job.objects.filter(status="awaiting_budget").exists()
    assert ledger.audit() == []
