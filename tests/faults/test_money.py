"""What an admin changes while credits are held: the end of a job is settled all the same (59)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobs import ledger, lifecycle
from jobs.models import Budget, Credential, Job, Project, User
from jobs.providers.base import Result, Snapshot, State
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import purge_queue
from tests.support.sending import held, sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]

SUCCESS = Snapshot(State.SUCCEEDED, (Result("https://files.example/a.mp4", "720p"),))
FAILURE = Snapshot(State.FAILED, error="It could not be made.")


def takes_the_rest_back(alice: User, admin: User) -> None:
    ledger.grant(alice, -940, reason="for a test", actor=admin)


def suspends(alice: User, admin: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)


def closes_every_purse(alice: User, admin: User) -> None:
    ledger.set_team_cap(0, reason="for a test", actor=admin)
    ledger.set_project_cap(Project.objects.get(), 0, reason="for a test", actor=admin)


def deletes_the_key(alice: User, admin: User) -> None:
    Credential.objects.all().delete()


@pytest.mark.parametrize("news", [SUCCESS, FAILURE], ids=["success", "failure"])
@pytest.mark.parametrize(
    "change", [takes_the_rest_back, suspends, closes_every_purse, deletes_the_key]
)
def test_whatever_an_admin_does_meanwhile_a_hold_ends_once(
    provider: Wire,
    alice: User,
    admin: User,
    change: Callable[[User, User], None],
    news: Snapshot,
) -> None:
    provider.answer(json=kie.accepted())
    project = Project.objects.create(name="Spring campaign")
    job = sent(alice, project_id=project.pk)
    change(alice, admin)
    lifecycle.observe(job.pk, news)
    purge_queue()
    ended = Job.objects.get(pk=job.pk)
    assert (ended.status, held(alice)) == (str(news.state), 0)
    assert ended.charged == (60 if news is SUCCESS else 0)
    assert ledger.audit() == []


def test_a_budget_that_does_not_add_up_lets_nothing_more_be_sent(
    provider: Wire, alice: User, bob: User
) -> None:
    Budget.objects.filter(owner=alice).update(balance=5000)
    assert [mismatch.text[:5] for mismatch in ledger.check()] == ["alice"]
    with pytest.raises(lifecycle.NotSubmitted, match="figures don’t add up"):
        factories.job(alice)
    assert factories.job(bob).status == "queued"
