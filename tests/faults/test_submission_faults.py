"""The paid request on a bad line, with a clock that jumps, many workers, and keys that change."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models.functions import Now

from jobs import credentials, follower, ledger, lifecycle
from jobs.credentials import rates
from jobs.lifecycle.sending import claims, paid_request
from jobs.models import Credential, Job, User
from jobs.practice import PracticeServer
from jobs.providers.http import Http
from jobs.secrets import vault
from jobs.times import clock
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.racing import together
from tests.support.running import drain_queue, follow, probe, purge_queue
from tests.support.sending import held, sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]


# ── Nothing was sent (6) ─────────────────────────────────────────────────────
def a_closed_port(settings: Any, wire: Wire, tls_wire: Wire) -> None:
    settings.KIE_BASE_URL = "http://127.0.0.1:9"


def an_unknown_name(settings: Any, wire: Wire, tls_wire: Wire) -> None:
    settings.KIE_BASE_URL = "http://no-such-host.invalid"


def a_refused_handshake(settings: Any, wire: Wire, tls_wire: Wire) -> None:
    wire.on_connect = "rst"
    settings.KIE_BASE_URL = wire.url.replace("http:", "https:")


def a_bad_certificate(settings: Any, wire: Wire, tls_wire: Wire) -> None:
    settings.KIE_BASE_URL = tls_wire.url


@pytest.mark.parametrize(
    "trouble", [a_closed_port, an_unknown_name, a_refused_handshake, a_bad_certificate]
)
def test_what_never_got_a_connection_waits_and_is_accepted_once_later(
    provider: Wire, tls_wire: Wire, alice: User, settings: Any, trouble: Callable[..., None]
) -> None:
    good = settings.KIE_BASE_URL
    trouble(settings, provider, tls_wire)
    job = sent(alice)
    assert (job.status, held(alice)) == ("queued", 60)
    assert tls_wire.requests == []
    settings.KIE_BASE_URL, provider.on_connect = good, ""
    provider.answer(json={"code": 200, "msg": "success", "data": 5000}, path="credit")
    provider.answer(json=kie.accepted(), path="generate")
    probe()
    for _ in range(2):
        follow_without_asking()
    job.refresh_from_db()
    assert (job.status, held(alice), len(provider.posts)) == ("running", 60, 1)


def follow_without_asking() -> None:
    Job.objects.filter(status="queued").update(try_at=clock.after(-1), wake_at=clock.after(-1))
    follower.sweep()
    drain_queue()


# ── The wall clock of one exchange (13) ──────────────────────────────────────
@pytest.mark.parametrize("slow", ["trickle_headers", "trickle_body"])
def test_an_answer_that_trickles_ends_at_the_deadline_and_is_uncertain(
    provider: Wire, alice: User, settings: Any, slow: str
) -> None:
    settings.PROVIDER_POST_SECONDS = 0.4
    getattr(provider, slow)(every=0.05)
    began = time.monotonic()
    job = sent(alice)
    assert time.monotonic() - began < 5
    assert (job.status, len(provider.posts), held(alice)) == ("uncertain", 1, 60)


def test_no_answer_is_waited_for_beyond_the_lease() -> None:
    assert Http()._post_seconds <= claims.DEADLINE_SECONDS < claims.LEASE_SECONDS


# ── Clocks that jump (26) ────────────────────────────────────────────────────
HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["ahead", "back"])
def test_a_clock_that_jumps_sweeps_no_claim_early_and_leaves_none_behind(
    alice: User, jump: timedelta
) -> None:
    job = factories.job(alice)
    assert claims.claim_job(job.pk)
    with time_machine.travel(now() + jump):
        follower.sweep()
        job.refresh_from_db()
        assert job.status == "submitting"
        Job.objects.filter(pk=job.pk).update(lease_until=clock.after(-1))
        follower.sweep()
    job.refresh_from_db()
    assert job.status == "uncertain"


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["ahead", "back"])
def test_a_clock_that_jumps_sends_nothing_early_and_forgets_nothing(
    provider: Wire, alice: User, jump: timedelta
) -> None:
    provider.answer(429, json=kie.refused(429), headers={"Retry-After": "60"})
    job = sent(alice)
    with time_machine.travel(now() + jump):
        follower.sweep()
        drain_queue()
        assert len(provider.posts) == 1
        provider.answer(json=kie.accepted())
        follow_without_asking()
        job.refresh_from_db()
        assert job.status == "running"
        # Asked about by the database's clock as well: not yet, and then at once.
        assert follower.claim_due() == []
        Job.objects.filter(pk=job.pk).update(check_at=clock.after(-1))
        assert follower.claim_due() == [job.pk]


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["ahead", "back"])
def test_the_age_of_a_job_is_told_by_the_database(
    provider: Wire, alice: User, jump: timedelta
) -> None:
    provider.answer(json=kie.accepted())
    job = sent(alice)
    for _ in range(4):
        provider.answer(json=kie.refused(422, "record is null"))
        with time_machine.travel(now() + jump):
            follow()
    job.refresh_from_db()
    assert (job.status, job.is_late, job.missing_count) == ("running", False, 0)


# ── The rate of an account (27) ──────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_four_workers_with_two_keys_of_one_account_never_exceed_its_rate(
    practice: Callable[..., PracticeServer],
    alice: User,
    bob: User,
    admin: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hundred jobs at once; ten seconds are played as one, the second beside them is kept."""
    server = practice(
        kie_keys=["key-of-alice@studio", "key-of-bob@studio"], rate_limit=20, rate_seconds=1.0
    )
    monkeypatch.setattr(rates, "CREATION_WINDOW", timedelta(seconds=2))
    for person in (alice, bob):
        ledger.grant(person, 2000, reason="for a test", actor=None)
        key = Credential.objects.get(owner=person, provider="kie")
        key.sealed_key = vault.seal(f"key-of-{person.username}", key.seal_context)
        key.save()
    credentials.join(*Credential.objects.filter(provider="kie"), actor=admin)
    prompt = "A lake [[stuck]]"
    for number in range(100):
        factories.job(bob if number % 2 else alice, model="veo3_lite", prompt=prompt)
    purge_queue()
    waiting = Job.objects.filter(status="queued")
    ends = time.monotonic() + 90

    def work(number: int) -> None:
        while waiting.exists() and time.monotonic() < ends:
            due = waiting.filter(try_at__lte=Now()).order_by("created_at")
            for job_id in list(due.values_list("pk", flat=True)[number : number + 4]):
                lifecycle.start(job_id)

    assert together(4, work) == [None] * 4
    (studio,) = (each for each in server.practice.accounts if each.name == "studio")
    assert (studio.accepted, studio.limited) == (100, 0)
    assert studio.most_in_window <= 20
    assert set(Job.objects.values_list("status", flat=True)) == {"running"}
    connection.close()


def test_both_providers_allow_an_account_twenty_in_ten_seconds() -> None:
    assert timedelta(seconds=10) <= rates.CREATION_WINDOW


# ── A key that changes in between (28) ───────────────────────────────────────
def replaced(key: Credential, text: str) -> None:
    sealed = vault.seal(text, key.seal_context)
    Credential.objects.filter(pk=key.pk).update(sealed_key=sealed, state="ready")


def bearer(wire: Wire, number: int = -1) -> str:
    return wire.posts[number].headers["authorization"].removeprefix("Bearer ")


def test_a_job_goes_out_with_the_key_that_stands_there_when_it_is_sent(
    provider: Wire, alice: User, key: Credential
) -> None:
    job = factories.job(alice)
    replaced(key, "alices-second-key")
    provider.answer(json=kie.accepted())
    drain_queue()
    job.refresh_from_db()
    assert (job.status, job.credential) == ("running", key)
    assert bearer(provider) == "alices-second-key"


def test_a_key_replaced_while_a_worker_sends_does_not_change_what_is_sent(
    provider: Wire, alice: User, key: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = paid_request._send

    def send_after_the_change(claim: claims.Claim) -> Any:
        replaced(key, "alices-second-key")
        return send(claim)

    monkeypatch.setattr(paid_request, "_send", send_after_the_change)
    provider.answer(json=kie.accepted())
    assert sent(alice).status == "running"
    assert bearer(provider) == factories.CANARY_KEY


def test_a_job_whose_key_was_removed_waits_and_never_takes_somebody_elses(
    provider: Wire, alice: User, bob: User, key: Credential
) -> None:
    job = factories.job(alice)
    key.delete()
    drain_queue()
    follow_without_asking()
    job.refresh_from_db()
    assert (job.status, job.error_code, held(alice)) == ("queued", "paused", 60)
    assert provider.requests == []
    assert "API keys page" in job.error


def test_a_key_revoked_at_the_provider_ends_in_the_queue_with_its_hold(
    provider: Wire, alice: User, bob: User, key: Credential
) -> None:
    job = factories.job(alice)
    provider.answer(json=kie.refused(401))
    drain_queue()
    follow_without_asking()
    job.refresh_from_db()
    assert (job.status, held(alice), len(provider.posts)) == ("queued", 60, 1)
    provider.answer(json={"code": 200, "data": 500}, path="credit")
    credentials.save_key(alice, "kie", "alices-second-key", actor=alice)
    provider.answer(json=kie.accepted())
    drain_queue()
    job.refresh_from_db()
    assert (job.status, bearer(provider)) == ("running", "alices-second-key")


# ── Refusals that wait (9, 51) ───────────────────────────────────────────────
def test_the_pause_after_each_refusal_doubles_and_is_never_the_same_for_two_jobs(
    provider: Wire, alice: User, bob: User
) -> None:
    provider.answer(json=kie.refused(429), always=True)
    jobs = [factories.job(owner, model="veo3_lite") for owner in (alice, bob)]
    pauses: dict[Any, list[float]] = {job.pk: [] for job in jobs}
    for _ in range(5):
        follow_without_asking()
        rows = Job.objects.annotate(now=Now()).values_list("pk", "try_at", "now")
        for pk, try_at, moment in rows:
            pauses[pk].append((try_at - moment).total_seconds())
    first, second = pauses.values()
    assert all(later > 1.2 * sooner for sooner, later in pairwise(first))
    # Any one pair may meet by chance; without the spread all five lie within milliseconds.
    assert any(abs(a / b - 1) > 0.02 for a, b in zip(first, second, strict=True))
    assert set(Job.objects.values_list("status", flat=True)) == {"queued"}
