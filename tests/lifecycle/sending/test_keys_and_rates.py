"""A key in trouble stops its queue and says so; an account is never asked for too much at once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import F

from jobs import credentials, follower, lifecycle
from jobs.credentials import rates
from jobs.models import AuditEvent, BalanceReading, Credential, Job, User
from jobs.times import clock
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow, read_balances
from tests.support.sending import sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def balance(credits: float) -> dict[str, object]:
    return {"code": 200, "msg": "success", "data": credits}


@pytest.fixture
def empty(provider: Wire, alice: User, key: Credential) -> Credential:
    """Alice's key, after kie.ai said that its account has run out of credits."""
    provider.answer(json=kie.refused(402, "The current credits are insufficient."))
    sent(alice)
    key.refresh_from_db()
    return key


def test_an_empty_account_marks_the_key_and_pauses_what_is_not_sent_yet(
    provider: Wire, alice: User, empty: Credential
) -> None:
    assert empty.state == "empty"
    waiting = sent(alice)
    assert (waiting.status, waiting.error_code) == ("queued", "paused")
    assert "Top it up" in waiting.error
    assert len(provider.posts) == 1


def test_an_account_that_was_topped_up_goes_on_by_itself(
    provider: Wire, alice: User, empty: Credential
) -> None:
    waiting = sent(alice)
    provider.answer(json=balance(5000), path="credit")
    provider.answer(json=kie.accepted("task-2"), path="generate")
    read_balances()
    drain_queue()
    waiting.refresh_from_db()
    empty.refresh_from_db()
    assert (waiting.status, empty.state) == ("running", "ready")


def test_of_a_nearly_empty_account_what_it_can_pay_is_sent(
    provider: Wire, alice: User, empty: Credential
) -> None:
    dear, cheap = sent(alice), sent(alice, model="veo3_lite")
    provider.answer(json=balance(45.5), path="credit")
    read_balances()
    provider.answer(json=kie.accepted("task-2"), path="generate")
    follow()
    for job in (dear, cheap):
        job.refresh_from_db()
    assert (dear.status, cheap.status) == ("queued", "running")


def test_balances_are_read_every_ten_minutes(provider: Wire, key: Credential) -> None:
    provider.answer(json=balance(5916.25), path="credit")
    read_balances()
    key.refresh_from_db()
    assert key.balance == Decimal("5916.25")
    read = Credential.objects.filter(pk=key.pk)
    read.update(checked_at=clock.after(-590))
    assert key not in follower.claim_keys()
    read.update(checked_at=clock.after(-610))
    assert key in follower.claim_keys()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (401, "You do not have access permissions"),
        (433, "The limit of this API key has been reached."),
        (433, "Your IP address is not in the whitelist"),
    ],
)
def test_a_refused_key_pauses_its_queue_until_it_works_again(
    provider: Wire, alice: User, key: Credential, code: int, words: str
) -> None:
    provider.answer(json=kie.refused(code, words), path="generate")
    job = sent(alice)
    key.refresh_from_db()
    assert (job.status, job.error_code, key.state) == ("queued", "paused", "rejected")
    provider.answer(json=balance(5000), path="credit")
    provider.answer(json=kie.accepted(), path="generate")
    read_balances()
    drain_queue()
    job.refresh_from_db()
    assert job.status == "running"


def test_a_provider_without_a_balance_is_tried_again_by_sending(
    provider: Wire, alice: User
) -> None:
    provider.answer(401, json={"error": "invalid key"}, path="generate")
    job = sent(alice, provider="veo4")
    assert job.error_code == "paused"
    provider.answer(json={"task_id": "v1", "status": "queued"}, path="generate")
    provider.answer(json=balance(1), path="credit")
    read_balances()
    drain_queue()
    job.refresh_from_db()
    assert job.status == "running"


def test_a_key_takes_no_more_than_the_documented_creations(provider: Wire, alice: User) -> None:
    ids = iter(range(100))
    provider.reply(lambda _: kie.accepted(f"task-{next(ids)}"), always=True)
    jobs = [factories.job(alice, model="veo3_lite") for _ in range(23)]
    drain_queue()
    assert len(provider.posts) == 20
    waiting = Job.objects.filter(status="queued")
    assert waiting.count() == 3
    assert lifecycle.places([job.pk for job in jobs]) == {
        job.pk: place for place, job in enumerate(waiting.order_by("created_at"), 1)
    }


def test_a_key_is_asked_no_more_than_ten_questions_a_second(key: Credential) -> None:
    granted = sum(rates.claim_questions(key.pk, 5, per_second=10) for _ in range(20))
    assert 5 <= granted <= 10


def kie_keys() -> list[Credential]:
    return list(Credential.objects.filter(provider="kie").order_by("pk"))


def test_two_keys_of_one_account_share_its_rate(
    provider: Wire, alice: User, bob: User, admin: User
) -> None:
    first, second = kie_keys()
    assert credentials.join(second, first, actor=admin)
    assert not credentials.join(first, second, actor=admin)
    assert send_as_both(provider, alice, bob) == 20
    told = AuditEvent.objects.get(action="keys joined")
    assert (told.actor, told.subject) == (admin, "kie.ai key of bob")
    assert told.after == "one account with the kie.ai key of alice"


def test_who_types_the_name_of_anothers_account_shares_nothing_with_it(
    provider: Wire, alice: User, bob: User
) -> None:
    team = factories.credential(None, "kie")
    for key, owner in zip((team, *kie_keys()), (alice, alice, bob), strict=False):
        credentials.set_account(key, "Studio North", actor=owner)
    assert [list(rates.account_of(key)) for key in kie_keys()] == [[key] for key in kie_keys()]
    provider.answer(json={"code": 200, "msg": "success", "data": 340}, path="credit", always=True)
    for key in kie_keys():
        credentials.refresh_balance(key)
    assert set(BalanceReading.objects.values_list("account", flat=True)) == {
        *("Studio North", "Studio North (alice)", "Studio North (bob)")
    }
    assert send_as_both(provider, alice, bob) == 24


def test_joined_keys_are_one_account_in_the_evidence(
    provider: Wire, alice: User, bob: User, admin: User
) -> None:
    team = factories.credential(None, "kie")
    for key in kie_keys():
        if key != team:
            credentials.join(key, team, actor=admin)
    provider.answer(json={"code": 200, "msg": "success", "data": 340}, path="credit", always=True)
    for key in kie_keys():
        credentials.refresh_balance(key)
    assert BalanceReading.objects.get().account == team.last_four


def test_a_key_that_goes_leaves_the_others_joined(alice: User, bob: User, admin: User) -> None:
    team = factories.credential(None, "kie")
    mine, theirs, _ = kie_keys()
    for key in (mine, theirs):
        credentials.join(key, team, actor=admin)
    credentials.remove(team, actor=admin)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert set(rates.account_of(mine)) == set(rates.account_of(theirs)) == {mine, theirs}
    assert credentials.separate(theirs, actor=admin)
    assert not credentials.separate(theirs, actor=admin)
    mine.refresh_from_db()
    assert list(rates.account_of(mine)) == [mine]


def test_a_member_who_saves_another_key_leaves_the_account_it_was_joined_to(
    provider: Wire, alice: User, admin: User
) -> None:
    team = factories.credential(None, "kie")
    own = Credential.objects.get(owner=alice, provider="kie")
    credentials.join(own, team, actor=admin)
    provider.answer(json={"code": 200, "msg": "success", "data": 340}, path="credit", always=True)
    credentials.save_key(None, "kie", "the-teams-key-4567", actor=admin)
    assert set(rates.account_of(team)) == {own, team}
    credentials.save_key(alice, "kie", "another-account-1234", actor=alice)
    assert list(rates.account_of(team)) == [team]
    assert BalanceReading.objects.filter(account="1234 (alice)").exists()


def test_keys_that_cannot_be_of_one_account_are_not_joined(alice: User, admin: User) -> None:
    kie, veo4 = Credential.objects.order_by("provider")
    for other in (kie, veo4):
        with pytest.raises(credentials.NotJoined):
            credentials.join(kie, other, actor=admin)
    assert not AuditEvent.objects.filter(action="keys joined").exists()


def send_as_both(provider: Wire, alice: User, bob: User) -> int:
    """How many of 24 orders go out at once."""
    ids = iter(range(100))
    provider.reply(lambda _: kie.accepted(f"task-{next(ids)}"), always=True)
    for number in range(24):
        factories.job(alice if number % 2 else bob, model="veo3_lite")
    drain_queue()
    return len(provider.posts)


def test_two_keys_count_as_two_accounts_unless_said_to_be_one(
    provider: Wire, alice: User, bob: User
) -> None:
    assert send_as_both(provider, alice, bob) == 24


def test_who_came_first_is_sent_first_when_a_key_works_again(
    provider: Wire, alice: User, empty: Credential
) -> None:
    jobs = [sent(alice, model="veo3_lite", prompt=f"Shot {n}") for n in range(6)]
    assert {job.error_code for job in jobs} == {"paused"}
    provider.answer(json=balance(5000), path="credit")
    ids = iter(range(100))
    provider.reply(lambda _: kie.accepted(f"task-{next(ids)}"), path="generate", always=True)
    read_balances()
    assert {job.error for job in Job.objects.filter(status="queued")} == {""}
    drain_queue()
    assert [seen.json["prompt"] for seen in provider.posts[1:]] == [job.prompt for job in jobs]


def test_a_queued_job_waits_as_long_as_the_provider_asks(provider: Wire, alice: User) -> None:
    provider.answer(429, json=kie.refused(429, "later"), headers={"Retry-After": "120"})
    job = sent(alice)
    assert job.status == "queued"
    wait = Job.objects.filter(pk=job.pk).values_list(F("try_at") - F("changed_at"), flat=True)
    assert wait.get().total_seconds() >= 119
