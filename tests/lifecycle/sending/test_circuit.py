"""A provider that can't be reached is waited for: nothing is tried in vain, and nothing fails."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from jobs import credentials, follower, ledger, lifecycle
from jobs.credentials import circuit
from jobs.lifecycle.sending import reach
from jobs.models import Credential, Job, JobEvent, User
from jobs.models.jobs.status import UNREACHABLE
from jobs.times import clock
from tests.lifecycle.sending.test_keys_and_rates import balance
from tests.support import factories, kie
from tests.support.answers.declaring import declare
from tests.support.fakes import Wire
from tests.support.media.image_orders import image, order
from tests.support.racing import together
from tests.support.running import follow, probe, purge_queue
from tests.support.sending import held, sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]

DEAD = "http://127.0.0.1:9"
"""Nobody listens there."""


@pytest.fixture
def away(provider: Wire, settings: Any) -> Wire:
    """Neither provider can be reached; `back` brings them back."""
    # No time for another try of the same question.
    settings.PROVIDER_ASK_SECONDS = 0.4
    settings.KIE_BASE_URL = settings.VEO4_BASE_URL = settings.KIE_UPLOAD_URL = DEAD
    return provider


def back(away: Wire, settings: Any) -> None:
    settings.KIE_BASE_URL = settings.VEO4_BASE_URL = settings.KIE_UPLOAD_URL = away.url


def passes(**span: float) -> None:
    """As if so much time had passed."""
    for model, names in (
        (Credential, ("unreachable_since", "probe_at")),
        (Job, ("unreached_since", "created_at", "try_at", "wake_at")),
    ):
        model.objects.update(**{name: F(name) - timedelta(**span) for name in names})


def now(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def is_open(key: Credential) -> bool:
    return Credential.objects.out_of_reach().filter(pk=key.pk).exists()


# ── It opens ─────────────────────────────────────────────────────────────────
def test_a_night_without_the_provider_fails_nothing_and_tries_nothing_in_vain(
    away: Wire, alice: User, key: Credential
) -> None:
    first = sent(alice)
    others = [factories.job(alice, model="veo3_lite") for _ in range(5)]
    for _ in range(3):
        passes(hours=3)
        follow()
    jobs = [now(job) for job in (first, *others)]
    assert {(job.status, job.error_code) for job in jobs} == {("queued", "unreachable")}
    assert [job.claims for job in jobs] == [1, 0, 0, 0, 0, 0]
    assert held(alice) == 60 + 5 * 30
    assert ledger.audit() == []


def test_it_says_since_when_and_what_happens_next(away: Wire, alice: User) -> None:
    job = sent(alice)
    since = Credential.objects.get(owner=alice, provider="kie").unreachable_since
    assert since is not None
    said = circuit.waits(Credential(provider="kie", unreachable_since=since))
    assert job.error == said
    assert "kie.ai has been unreachable since" in said
    assert "sent as soon as it answers" in said


def test_what_may_have_been_sent_opens_nothing(
    provider: Wire, alice: User, key: Credential
) -> None:
    provider.rst()
    job = sent(alice)
    provider.answer(500, body=b"oops")
    other = sent(alice)
    assert (job.status, other.status, is_open(key)) == ("uncertain", "uncertain", False)


def test_a_worker_that_was_too_slow_to_send_blames_no_provider(
    provider: Wire, alice: User, key: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.lifecycle.sending.claims.DEADLINE_SECONDS", -1)
    job = sent(alice)
    assert (job.status, job.error_code, is_open(key)) == ("queued", "waiting", False)


def test_each_account_has_its_own(away: Wire, alice: User, bob: User, settings: Any) -> None:
    waiting = sent(alice)
    back(away, settings)
    away.answer(json=kie.accepted(), path="generate")
    follow()
    assert sent(bob).status == "running"
    assert now(waiting).status == "queued"


def test_keys_of_one_account_wait_and_go_on_together(
    away: Wire, alice: User, bob: User, admin: User, settings: Any
) -> None:
    mine, theirs = Credential.objects.filter(provider="kie").order_by("pk")
    credentials.join(theirs, mine, actor=admin)
    sent(alice)
    other = sent(bob)
    assert (other.claims, is_open(theirs)) == (0, True)
    back(away, settings)
    away.answer(json=balance(5000), path="credit")
    away.reply(lambda seen: kie.accepted(f"task-{seen.json['seeds']}"), always=True)
    probe()
    assert {job.status for job in Job.objects.all()} == {"running"}
    assert [seen.path for seen in away.requests].count("/api/v1/chat/credit") == 1


def test_it_is_logged_once_when_it_opens_and_once_when_it_closes(
    away: Wire, alice: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "jobs.credentials.circuit")
    sent(alice)
    for _ in range(3):
        sent(alice)
        probe()
    back(away, settings)
    away.answer(json=balance(5000), path="credit")
    away.reply(lambda seen: kie.accepted(f"task-{seen.json['seeds']}"), always=True)
    probe()
    lines = [each for each in caplog.records if each.name == "jobs.credentials.circuit"]
    assert [line.levelname for line in lines] == ["WARNING", "INFO"]
    assert "kie.ai" in lines[0].getMessage()


# ── It is probed ─────────────────────────────────────────────────────────────
def test_the_whole_queue_goes_on_when_the_free_question_is_answered(
    away: Wire, alice: User, key: Credential, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, "kie", creations_per_10s=3)
    sent(alice)
    for number in range(4):
        factories.job(alice, model="veo3_lite", prompt=f"Shot {number}")
    follow()
    back(away, settings)
    away.answer(json=balance(5000), path="credit")
    away.reply(
        lambda seen: kie.accepted(f"task-{seen.json['seeds']}-{len(away.posts)}"), always=True
    )
    probe()
    assert not is_open(key)
    assert Job.objects.filter(status="running").count() == 3
    told = Job.objects.filter(status="queued")
    assert [(job.error_code, job.unreached_since) for job in told] == [("", None)] * 2
    first = ["A lighthouse in the rain", "Shot 0", "Shot 1"]
    assert [seen.json["prompt"] for seen in away.posts] == first


def test_the_pauses_between_probes_grow_to_ten_minutes(
    away: Wire, alice: User, key: Credential
) -> None:
    sent(alice)
    pauses = []
    for _ in range(8):
        left = Credential.objects.values_list(F("probe_at") - Now(), flat=True).get(pk=key.pk)
        pauses.append(round(left.total_seconds(), -1))
        assert follower.claim_probes() == []
        passes(seconds=left.total_seconds())
        assert follower.claim_probes() == [key]
    assert pauses == [30, 30, 60, 120, 240, 480, 600, 600]


@pytest.mark.parametrize("accident", ["rst", "eof", "oops"])
def test_an_answer_that_proves_nothing_leaves_it_open(
    away: Wire, alice: User, key: Credential, settings: Any, accident: str
) -> None:
    sent(alice)
    back(away, settings)
    settings.PROVIDER_ASK_SECONDS = 0.3
    if accident == "oops":
        away.answer(500, body=b"oops", always=True)
    else:
        getattr(away, accident)(always=True)
    probe()
    assert is_open(key)
    assert Job.objects.get().claims == 1


@pytest.mark.parametrize("answer", [kie.refused(401), kie.refused(429), kie.refused(455)])
def test_a_no_is_an_answer(
    away: Wire, alice: User, key: Credential, settings: Any, answer: kie.Answer
) -> None:
    sent(alice)
    back(away, settings)
    away.answer(json=answer, path="credit", always=True)
    away.answer(json=kie.accepted(), path="generate")
    probe()
    assert not is_open(key)


def test_a_provider_without_a_free_question_is_tried_with_its_oldest_video_alone(
    away: Wire, alice: User, settings: Any
) -> None:
    jobs = [sent(alice, provider="veo4", prompt=f"Shot {number}") for number in range(3)]
    for _ in range(2):
        probe()
    assert [now(job).claims for job in jobs] == [3, 0, 0]
    back(away, settings)
    away.reply(
        lambda seen: {"task_id": f"v{len(away.posts)}", "status": "queued"},
        path="generate",
        always=True,
    )
    away.answer(json={"status": "processing"}, path="status", always=True)
    probe()
    follow()
    assert {now(job).status for job in jobs} == {"running"}
    assert [seen.json["prompt"] for seen in away.posts] == ["Shot 0", "Shot 1", "Shot 2"]


def test_a_probe_that_may_have_arrived_needs_a_look_and_the_others_wait_on(
    away: Wire, alice: User, settings: Any
) -> None:
    first, second = (sent(alice, provider="veo4") for _ in range(2))
    back(away, settings)
    away.rst()
    probe()
    assert (now(first).status, now(second).status) == ("uncertain", "queued")
    follow()
    assert (now(second).claims, len(away.posts)) == (0, 1)


def test_somebodys_wish_is_a_probe_at_once(away: Wire, alice: User, key: Credential) -> None:
    assert not circuit.try_now("kie")
    sent(alice)
    assert follower.claim_probes() == []
    assert circuit.try_now("kie")
    assert follower.claim_probes() == [key]


# ── Only a person or a day gives up ──────────────────────────────────────────
def test_after_a_day_it_fails_with_its_hold_released(away: Wire, alice: User) -> None:
    old = sent(alice)
    passes(hours=23.9)
    new = sent(alice, model="veo3_lite")
    follow()
    assert now(old).status == "queued"
    passes(hours=0.2)
    follow()
    assert (now(old).status, now(old).charged, now(new).status) == ("failed", 0, "queued")
    said = JobEvent.objects.filter(job=old).latest("id").text
    assert "could not be reached for 24 hours. Nothing was sent or charged." in said
    assert held(alice) == 30
    assert ledger.audit() == []


def test_a_person_can_cancel_it_meanwhile(away: Wire, alice: User) -> None:
    job = sent(alice)
    assert lifecycle.cancel(job, alice)
    probe()
    assert (now(job).status, held(alice)) == ("canceled", 0)


def test_what_waits_for_a_key_waits_for_that_alone(
    away: Wire, alice: User, key: Credential
) -> None:
    job = factories.job(alice)
    Job.objects.filter(pk=job.pk).update(error_code=Job.PAUSED, error="Waiting")
    circuit.not_reached(key)
    follow()
    passes(hours=25)
    follow()
    assert (now(job).status, now(job).error_code) == ("queued", Job.PAUSED)


def test_images_that_cannot_be_handed_over_wait_as_well(
    provider: Wire, alice: User, settings: Any, key: Credential
) -> None:
    settings.KIE_UPLOAD_URL = DEAD
    job = sent(alice, **order(alice, image(alice)))
    for _ in range(8):
        follow()
    assert (now(job).status, now(job).hand_count, held(alice)) == ("queued", 0, 60)
    # Its other address answers still.
    assert not is_open(key)
    passes(hours=25)
    follow()
    assert (now(job).status, held(alice)) == ("failed", 0)


# ── Keys ─────────────────────────────────────────────────────────────────────
def test_a_key_that_is_saved_anew_gets_its_chance_at_once(
    away: Wire, alice: User, key: Credential, settings: Any
) -> None:
    job = sent(alice)
    back(away, settings)
    away.answer(json=balance(5000), path="credit")
    away.answer(json=kie.accepted(), path="generate")
    credentials.save_key(alice, "kie", "another-key-5678", actor=alice)
    follow()
    assert now(job).status == "running"


def test_without_its_key_it_goes_on_with_another(
    away: Wire, alice: User, key: Credential, settings: Any
) -> None:
    job = sent(alice)
    factories.credential(None, "kie", key="the-teams-own-key")
    credentials.remove(key, actor=alice)
    back(away, settings)
    away.answer(json=kie.accepted(), path="generate")
    follow()
    assert now(job).status == "running"


# ── Questions ────────────────────────────────────────────────────────────────
def test_running_videos_are_not_asked_about_in_vain_and_never_forgotten(
    provider: Wire, alice: User, key: Credential
) -> None:
    provider.answer(json=kie.accepted(), path="generate")
    job = sent(alice)
    circuit.not_reached(key)
    for _ in range(5):
        factories.forget_rates()
        follow()
    assert [seen.path for seen in provider.requests] == ["/api/v1/veo/generate"]
    left = Job.objects.annotate(left=F("check_at") - Now()).get(pk=job.pk).left
    assert 20 < left.total_seconds() <= 60
    provider.answer(json=balance(5000), path="credit")
    provider.answer(json=kie.running(), path="record-info")
    probe()
    factories.forget_rates()
    follow()
    assert provider.requests[-1].path.endswith("record-info")


def test_a_question_that_finds_nobody_opens_it_before_the_next_order(
    provider: Wire, alice: User, key: Credential, settings: Any
) -> None:
    provider.answer(json=kie.accepted(), path="generate")
    sent(alice)
    settings.KIE_BASE_URL, settings.PROVIDER_ASK_SECONDS = DEAD, 0.4
    follow()
    assert is_open(key)
    assert sent(alice).claims == 0


def test_a_provider_without_a_free_question_is_asked_about_its_running_video(
    provider: Wire, alice: User
) -> None:
    provider.answer(json={"task_id": "v1", "status": "queued"}, path="generate")
    job = sent(alice, provider="veo4")
    key = Credential.objects.get(owner=alice, provider="veo4")
    circuit.not_reached(key)
    provider.answer(json={"task_id": "v1", "status": "processing"}, path="status")
    Credential.objects.out_of_reach().update(probe_at=clock.after(-1))
    follow()
    assert (now(job).status, is_open(key)) == ("running", False)


# ── Many ─────────────────────────────────────────────────────────────────────
def test_a_long_queue_is_told_bit_by_bit_with_few_questions(
    alice: User, key: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.grant(alice, 1000, reason="for a test", actor=None)
    for _ in range(5):
        factories.job(alice, model="veo3_lite")
    monkeypatch.setattr(reach, "AT_ONCE", 3)
    circuit.not_reached(key)
    waiting = Job.objects.filter(error_code=UNREACHABLE)
    told, asked = [], []
    for _ in range(3):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            lifecycle.follow_circuits()
        asked.append(len([each for each in queries if "SAVEPOINT" not in each["sql"]]))
        told.append(waiting.count())
    assert told == [3, 5, 5]
    assert max(asked) <= 6
    Credential.objects.update(unreachable_since=None, probe_at=None)
    lifecycle.follow_circuits()
    assert waiting.count() == 2
    lifecycle.follow_circuits()
    with CaptureQueriesContext(connection) as queries:
        lifecycle.follow_circuits()
    assert (waiting.count(), len(queries)) == (0, 2)


# ── At the same moment ───────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_many_workers_that_find_nobody_open_it_once(
    away: Wire, alice: User, key: Credential, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = [factories.job(alice, model="veo3_lite") for _ in range(6)]
    purge_queue()
    together(6, lambda number: lifecycle.start(jobs[number].pk))
    assert {now(job).status for job in jobs} == {"queued"}
    assert is_open(key)
    lines = [each for each in caplog.records if each.name == "jobs.credentials.circuit"]
    assert len(lines) == 1
    assert ledger.audit() == []


@pytest.mark.django_db(transaction=True)
def test_of_many_that_would_probe_at_once_one_may(
    away: Wire, alice: User, bob: User, admin: User
) -> None:
    keys = list(Credential.objects.filter(provider="veo4").order_by("pk"))
    credentials.join(keys[0], keys[1], actor=admin)
    jobs = [sent(owner, provider="veo4") for owner in (alice, bob) for _ in range(3)]
    Credential.objects.out_of_reach().update(probe_at=clock.after(-1))
    before = sum(now(job).claims for job in jobs)
    together(6, lambda number: lifecycle.start(jobs[number].pk))
    assert sum(now(job).claims for job in jobs) == before + 1
    Credential.objects.out_of_reach().update(probe_at=clock.after(-1))
    taken = together(
        6, lambda number: circuit.take_probe(Credential.objects.get(pk=keys[number % 2].pk))
    )
    assert sorted(taken, key=str) == [False] * 5 + [True]
