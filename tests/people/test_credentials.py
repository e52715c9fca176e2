"""Keys taken in: tried first, sealed, shown by four characters, and never given out again."""

from __future__ import annotations

import socket
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Max

from jobs import credentials
from jobs.credentials import NotUsable
from jobs.models import AuditEvent, Credential, Job, User
from jobs.secrets import vault
from jobs.times import clock
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow, purge_queue

pytestmark = [pytest.mark.django_db, pytest.mark.data]

KEY = "kie-another-key-9876"


@pytest.fixture
def carol(db: None) -> User:
    """A member without any key."""
    return factories.person("carol", User.Role.MEMBER, 1000)


def balance(credits: object) -> dict[str, Any]:
    return {"code": 200, "msg": "success", "data": credits}


def saved(owner: User | None, wire: Wire, key: str = KEY, credits: object = 340) -> Credential:
    """A key saved after the provider said yes."""
    wire.answer(json=balance(credits), path="credit")
    return credentials.save_key(owner, "kie", key, actor=owner)


# ── Trying ───────────────────────────────────────────────────────────────────
def test_a_key_that_the_provider_knows_is_sealed_and_saved(provider: Wire, carol: User) -> None:
    row = saved(carol, provider)
    assert provider.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert vault.unseal(row.sealed_key, row.seal_context) == KEY
    assert (row.last_four, row.state, row.balance) == ("9876", "ready", Decimal(340))
    assert Credential.objects.get().checked_at is not None


def test_the_same_key_again_is_tried_and_not_noted(provider: Wire, carol: User) -> None:
    row = saved(carol, provider)
    credentials.set_state(row, Credential.State.REJECTED, None)
    again = saved(carol, provider, credits=280)
    assert (again.state, again.balance, again.note) == ("ready", Decimal(280), "")
    now = Credential.objects.get()
    assert (now.sealed_key, now.saved_at) == (row.sealed_key, row.saved_at)
    assert AuditEvent.objects.filter(action="key saved").count() == 1
    assert len(provider.requests) == 2


REFUSALS = {
    "wrong key": (kie.refused(401, "Unauthorized"), "did not accept the key"),
    "address not allowed": (kie.refused(433, "IP not in whitelist"), "list of allowed addresses"),
    "too many questions": (kie.refused(429), "could not check the key just now"),
    "maintenance": (kie.refused(455), "could not check the key just now"),
    "not understood": ({"hello": "world"}, ""),
}


@pytest.mark.parametrize(("answer", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_key_that_the_provider_does_not_confirm_is_not_saved(
    provider: Wire, carol: User, answer: dict[str, Any], words: str
) -> None:
    provider.answer(json=answer, path="credit", always=True)
    with pytest.raises(NotUsable) as caught:
        credentials.save_key(carol, "kie", KEY, actor=carol)
    assert words in caught.value.user_message
    assert caught.value.user_message.endswith((".", "”"))
    assert not Credential.objects.exists()
    assert not AuditEvent.objects.filter(subject__contains=" key of ").exists()


def test_without_a_network_a_key_is_not_saved_and_the_sentence_says_why(
    carol: User, settings: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings.KIE_BASE_URL = f"http://127.0.0.1:{port}"
    with pytest.raises(NotUsable, match="could not be reached to check the key"):
        credentials.save_key(carol, "kie", KEY, actor=carol)
    assert not Credential.objects.exists()


@pytest.mark.parametrize("way", ["rst", "eof", "truncated"])
def test_a_key_whose_check_broke_off_is_not_saved(provider: Wire, carol: User, way: str) -> None:
    getattr(provider, way)(always=True)
    with pytest.raises(NotUsable, match="could not check the key just now"):
        credentials.save_key(carol, "kie", KEY, actor=carol)
    assert not Credential.objects.exists()


def test_a_key_that_does_not_work_leaves_the_old_one_as_it_is(
    provider: Wire, alice: User, key: Credential
) -> None:
    provider.answer(json=kie.refused(401), path="credit")
    with pytest.raises(NotUsable):
        credentials.save_key(alice, "kie", KEY, actor=alice)
    kept = Credential.objects.get(pk=key.pk)
    assert (kept.sealed_key, kept.state) == (key.sealed_key, key.state)


def test_a_key_is_never_part_of_an_error(provider: Wire, carol: User) -> None:
    provider.answer(json=kie.refused(401, f"bad key {KEY}"), path="credit")
    with pytest.raises(NotUsable) as caught:
        credentials.save_key(carol, "kie", KEY, actor=carol)
    assert KEY not in caught.value.user_message


# ── Replacing and removing ───────────────────────────────────────────────────
def test_a_new_key_takes_the_place_of_the_old_one(
    provider: Wire, alice: User, key: Credential
) -> None:
    Credential.objects.filter(pk=key.pk).update(state="rejected", note="no", balance=1)
    row = saved(alice, provider)
    assert (row.pk, row.last_four, row.balance) == (key.pk, "9876", Decimal(340))
    row.refresh_from_db()
    assert (row.last_four, row.balance, row.state, row.note) == ("9876", Decimal(340), "ready", "")
    assert vault.unseal(row.sealed_key, row.seal_context) == KEY


def test_saving_a_key_leaves_the_signing_key_alone(
    provider: Wire, alice: User, key: Credential
) -> None:
    credentials.save_signing_key(key, "signs-things-1234", actor=alice)
    row = saved(alice, provider)
    row.refresh_from_db()
    assert vault.unseal(row.sealed_signing_key, row.seal_context) == "signs-things-1234"
    assert row.signing_last_four == "1234"


def test_an_empty_signing_key_takes_it_away(alice: User, key: Credential) -> None:
    credentials.save_signing_key(key, "signs-things-1234", actor=alice)
    credentials.save_signing_key(key, "", actor=alice)
    key.refresh_from_db()
    assert (key.sealed_signing_key, key.signing_last_four) == ("", "")


def test_a_removed_key_is_wiped_and_its_jobs_stay(
    provider: Wire, alice: User, key: Credential
) -> None:
    job = factories.job(alice)
    credentials.remove(key, actor=alice)
    job.refresh_from_db()
    assert job.credential is None
    assert not Credential.objects.filter(pk=key.pk).exists()


def test_every_change_of_a_key_is_on_record_with_four_characters(
    provider: Wire, carol: User
) -> None:
    saved(carol, provider, "kie-first-key-1111")
    row = saved(carol, provider, "kie-second-key-2222")
    credentials.save_signing_key(row, "signs-things-3333", actor=carol)
    credentials.remove(row, actor=carol)
    events = AuditEvent.objects.filter(subject__contains=" key of ").order_by("id")
    assert {(event.actor, event.subject) for event in events} == {(carol, "kie.ai key of carol")}
    assert [(event.action, event.before, event.after) for event in events] == [
        ("key saved", "", "1111"),
        ("key saved", "1111", "2222"),
        ("signing key saved", "", "3333"),
        ("key removed", "2222", ""),
    ]


# ── Jobs that wait ───────────────────────────────────────────────────────────
@pytest.fixture
def paused(provider: Wire, alice: User) -> Job:
    """A queued job of Alice's, stopped because the provider refused her key."""
    provider.answer(json=kie.refused(401), path="generate")
    job = factories.job(alice)
    drain_queue()
    job.refresh_from_db()
    assert (job.status, len(provider.posts)) == ("queued", 1)
    return job


def test_a_job_that_waits_for_a_key_goes_on_as_soon_as_there_is_one(
    provider: Wire, alice: User, paused: Job
) -> None:
    provider.answer(json=kie.accepted(), path="generate")
    saved(alice, provider)
    drain_queue()
    paused.refresh_from_db()
    assert paused.status == "running"
    assert provider.posts[-1].headers["authorization"] == f"Bearer {KEY}"


def test_a_job_stopped_by_the_teams_key_goes_on_with_ones_own(provider: Wire, carol: User) -> None:
    factories.credential(None, "kie")
    provider.answer(json=kie.refused(401), path="generate")
    job = factories.job(carol)
    drain_queue()
    provider.answer(json=kie.accepted(), path="generate")
    own = saved(carol, provider)
    drain_queue()
    job.refresh_from_db()
    assert (job.status, job.credential) == ("running", own)


def test_a_job_whose_key_was_removed_goes_on_with_the_next_one(
    provider: Wire, alice: User, key: Credential
) -> None:
    job = factories.job(alice)
    credentials.remove(key, actor=alice)
    drain_queue()
    assert provider.connections == 0
    provider.answer(json=kie.accepted(), path="generate")
    saved(alice, provider)
    drain_queue()
    job.refresh_from_db()
    assert job.status == "running"


def test_a_key_sends_on_no_job_of_somebody_else(
    provider: Wire, alice: User, bob: User, paused: Job
) -> None:
    purge_queue()
    saved(bob, provider)
    assert drain_queue() == 0


def test_a_job_of_somebody_with_a_refused_key_never_goes_on_with_the_teams(
    provider: Wire, alice: User, paused: Job
) -> None:
    saved(None, provider)
    drain_queue()
    paused.refresh_from_db()
    assert (paused.status, len(provider.posts)) == ("queued", 1)


# ── Balance ──────────────────────────────────────────────────────────────────
def test_the_balance_is_refreshed(provider: Wire, key: Credential) -> None:
    provider.answer(json=balance(12.5), path="credit")
    credentials.refresh_balance(key)
    key.refresh_from_db()
    assert (key.balance, key.state) == (Decimal("12.5"), "ready")


def test_a_key_found_refused_while_asking_for_the_balance_is_marked(
    provider: Wire, key: Credential
) -> None:
    provider.answer(json=kie.refused(401), path="credit")
    credentials.refresh_balance(key)
    key.refresh_from_db()
    assert key.state == "rejected"


# ── Practice ─────────────────────────────────────────────────────────────────
@pytest.fixture
def practice_key(settings: Any, carol: User) -> Credential:
    """Carol's key for the practice provider, while practising."""
    settings.PRACTICE = True
    key = Credential(owner=carol, provider="kie", practice=True, last_four="-key")
    key.sealed_key = vault.seal("practice-kie-key", key.seal_context)
    key.save()
    return key


def test_a_practice_key_is_not_usable_for_real_jobs(
    carol: User, practice_key: Credential, settings: Any
) -> None:
    settings.PRACTICE = False
    assert not Credential.objects.usable_by(carol).exists()


def test_a_queued_practice_job_is_never_sent_to_the_real_provider(
    provider: Wire, carol: User, practice_key: Credential, settings: Any
) -> None:
    job = factories.job(carol)
    settings.PRACTICE = False
    drain_queue()
    follow()
    job.refresh_from_db()
    assert (job.status, job.practice) == ("queued", True)
    assert provider.connections == 0


def test_a_running_practice_job_is_never_asked_about_at_the_real_provider(
    provider: Wire, carol: User, practice_key: Credential, settings: Any
) -> None:
    job = factories.job(carol)
    purge_queue()
    Job.objects.filter(pk=job.pk).update(
        status="running", external_id="task-1", check_at=clock.after(-1)
    )
    settings.PRACTICE = False
    follow()
    assert provider.connections == 0


def test_the_balance_of_a_practice_key_is_never_asked_for_at_the_real_provider(
    provider: Wire, practice_key: Credential, settings: Any
) -> None:
    settings.PRACTICE = False
    credentials.refresh_balance(practice_key)
    assert provider.connections == 0


def test_a_real_key_is_kept_apart_from_the_practice_key(
    provider: Wire, carol: User, practice_key: Credential, settings: Any
) -> None:
    settings.PRACTICE = False
    real = saved(carol, provider)
    assert (real.pk != practice_key.pk, real.practice) == (True, False)


def test_practice_keys_are_given_once_and_never_asked_about(provider: Wire, settings: Any) -> None:
    settings.PRACTICE = True
    credentials.save_practice_keys({"kie": "practice-kie-key", "veo4": "practice-veo4-key"})
    first = Credential.objects.aggregate(last=Max("pk"))
    credentials.save_practice_keys({"kie": "other", "veo4": "other"})
    assert Credential.objects.aggregate(last=Max("pk")) == first
    assert Credential.objects.filter(owner=None, practice=True).count() == 2
    assert provider.connections == 0
