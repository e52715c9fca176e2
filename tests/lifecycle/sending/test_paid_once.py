"""Ways in which work could be ordered twice, paid for nothing, or lost after it was paid."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django_q.brokers import get_broker

from jobs import archive, credentials, follower, ledger, lifecycle
from jobs.lifecycle.sending import claims, paid_request
from jobs.models import Credential, Job, User
from jobs.providers import errors
from jobs.providers.base import Result, Snapshot, State
from jobs.times import clock
from tests.lifecycle.ordering.test_upgrades import UHD, now, upgrade
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow, purge_queue, read_balances
from tests.support.sending import held, sent
from tests.support.takes import finished

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def lost(provider: Wire, alice: User) -> Job:
    """A job in doubt: its answer was lost."""
    provider.rst()
    return sent(alice)


@pytest.fixture
def larger(provider: Wire, alice: User) -> Job:
    """A 4K order that kie took, under the id of its video."""
    job = upgrade(finished(alice, external_id="veo-1"), UHD)
    provider.answer(json=kie.accepted_4k("veo-1"), path="4k")
    drain_queue()
    provider.forget()
    return now(job)


def extension(source: Job) -> Job:
    order = lifecycle.extension_of(source, "And then the sun comes out", "veo3_fast")
    return lifecycle.submit(source.owner, order, uuid4())


def balance(credits: float) -> dict[str, object]:
    return {"code": 200, "msg": "success", "data": credits}


# ── Sent again at one's own risk ─────────────────────────────────────────────────────────────────


def test_a_doubtful_job_has_one_second_try_whoever_asks(lost: Job, alice: User) -> None:
    boss = factories.admin("boss", credits=500)
    factories.credential(boss, "kie")
    again = lifecycle.resubmit(lost, alice)
    assert lifecycle.resubmit(lost, boss) == again
    assert Job.objects.exclude(pk=lost.pk).count() == 1


def test_a_job_found_while_the_form_was_on_its_way_is_not_sent_again(
    lost: Job, alice: User
) -> None:
    as_it_was_shown = Job.objects.get(pk=lost.pk)
    assert lifecycle.attach(now(lost), "found-1")
    with pytest.raises(lifecycle.NotSubmitted):
        lifecycle.resubmit(as_it_was_shown, alice)
    assert Job.objects.count() == 1


def test_a_job_that_was_sent_again_is_not_sent_by_itself_as_well(
    provider: Wire, alice: User
) -> None:
    first = factories.job(alice)
    claim = claims.claim_job(first.pk)
    assert claim is not None
    Job.objects.filter(pk=first.pk).update(lease_until=clock.after(-1))
    lifecycle.abandon()
    again = lifecycle.resubmit(now(first), alice)
    paid_request._take_no(claim, errors.NotAccepted("the deadline passed before it was sent"))
    provider.answer(json=kie.accepted(), path="generate")
    follow()
    assert (now(first).status, now(again).status) == ("failed", "running")
    assert ledger.audit() == []


def test_a_wrong_statement_can_be_put_right_by_pasting_the_id(
    provider: Wire, lost: Job, admin: User
) -> None:
    Job.objects.filter(pk=lost.pk).update(sent_at=clock.after(-1200))
    lifecycle.write_off(lost, admin, "nothing in the log")
    found = kie.succeeded("https://files.example/a.mp4", "f-1", **kie.echo(lost.prompt, lost.seed))
    provider.answer(json=found, path="record-info")
    lifecycle.resolve(now(lost), "f-1", admin)
    assert (now(lost).status, now(lost).charged) == ("succeeded", 60)


def test_what_was_written_off_and_renders_still_is_followed_to_its_end(
    provider: Wire, lost: Job, admin: User
) -> None:
    Job.objects.filter(pk=lost.pk).update(sent_at=clock.after(-1200))
    lifecycle.write_off(lost, admin, "nothing in the log")
    echo = kie.echo(lost.prompt, lost.seed)
    provider.answer(json=kie.running("f-1", **echo), path="record-info")
    lifecycle.resolve(now(lost), "f-1", admin)
    film = kie.succeeded("https://files.example/a.mp4", "f-1", **echo)
    provider.answer(json=film, path="record-info")
    provider.answer(404, path=".mp4", always=True)
    follow()
    assert now(lost).status == "succeeded"


# ── Larger copies ────────────────────────────────────────────────────────────────────────────────


def test_storing_never_orders_an_upgrade(provider: Wire, larger: Job) -> None:
    film = Result(f"{provider.url}/large.mp4", "4k")
    lifecycle.observe(larger.pk, Snapshot(State.SUCCEEDED, results=(film,)))
    purge_queue()
    provider.answer(404, path="large.mp4")
    provider.answer(json=kie.refused(422, "url is wrong"), path="download-url")
    archive.store(larger.renditions.get().pk)
    assert not [seen for seen in provider.requests if "get-4k" in seen.path]


def test_a_question_in_line_does_not_order_an_upgrade_that_ended_meanwhile(
    provider: Wire, larger: Job
) -> None:
    Job.objects.filter(pk=larger.pk).update(check_at=clock.after(-1))
    (in_line,) = follower.allowed(follower.claim_due())
    lifecycle.observe(larger.pk, Snapshot(State.FAILED, error="no"))
    follower.ask(in_line)
    assert provider.requests == []


def test_an_upgrade_is_never_asked_about_twice_at_once(provider: Wire, larger: Job) -> None:
    assert follower.asking._may_ask_for(larger)
    follower.ask(larger)
    assert provider.requests == []


def test_an_empty_account_does_not_end_a_larger_copy_that_was_taken(
    provider: Wire, larger: Job, alice: User, key: Credential
) -> None:
    provider.answer(json=kie.refused(402, "The current credits are insufficient."), path="4k")
    follow()
    key.refresh_from_db()
    assert (now(larger).status, held(alice), key.state) == ("running", 120, "empty")


def test_an_upgrade_that_kie_never_heard_of_is_not_charged(provider: Wire, alice: User) -> None:
    job = upgrade(finished(alice, external_id="veo-1"), UHD)
    claims.claim_job(job.pk)
    Job.objects.filter(pk=job.pk).update(lease_until=clock.after(-1))
    lifecycle.abandon()
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-600))
    provider.answer(json=kie.refused(422, "record is null"), path="4k", always=True)
    for _ in range(4):
        follow()
    assert (now(job).status, now(job).charged) == ("failed", 0)


def test_an_extension_waits_for_its_film_when_only_the_tail_is_there(
    provider: Wire, alice: User
) -> None:
    job = extension(finished(alice, external_id="veo-1"))
    provider.answer(json=kie.accepted("ext-1"), path="extend")
    drain_queue()
    tail = kie.succeeded("https://files.example/tail.mp4", "ext-1")
    provider.answer(json=tail, path="record-info", always=True)
    provider.answer(404, path=".mp4", always=True)
    follow()
    assert (now(job).status, now(job).renditions.count()) == ("running", 0)
    for _ in range(10):
        factories.forget_rates()
        follow()
    assert (now(job).status, now(job).renditions.get().part) == ("succeeded", "segment")


@pytest.mark.parametrize("usual", [5, 360])
def test_the_film_of_an_extension_that_took_long_is_waited_for_no_longer_than_any(
    provider: Wire, alice: User, monkeypatch: pytest.MonkeyPatch, usual: int
) -> None:
    monkeypatch.setattr(Job, "usual_seconds", usual)
    job = extension(finished(alice, external_id="veo-1"))
    provider.answer(json=kie.accepted("ext-1"), path="extend")
    drain_queue()
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-5 * 3600))
    provider.answer(json=kie.succeeded("https://files.example/tail.mp4", "ext-1"))
    follow()
    assert Job.objects.filter(pk=job.pk, check_at__lt=clock.after(60)).exists()


def test_an_answer_that_tells_nothing_does_not_start_the_wait_for_the_film_anew(
    provider: Wire, alice: User
) -> None:
    job = extension(finished(alice, external_id="veo-1"))
    provider.answer(json=kie.accepted("ext-1"), path="extend")
    drain_queue()
    for answer in (kie.succeeded("https://files.example/tail.mp4", "ext-1"), {"code": 200}):
        provider.answer(json=answer)
        follow()
    assert (now(job).status, now(job).missing_count) == ("running", 1)


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_refusal_of_the_old_key_does_not_mark_the_new_one(
    provider: Wire, alice: User, key: Credential
) -> None:
    claim = claims.claim_job(factories.job(alice).pk)
    assert claim is not None
    provider.answer(json=balance(5000), path="credit")
    credentials.save_key(alice, "kie", "a-new-key-1234", actor=alice)
    credentials.set_state(claim.credential, Credential.State.REJECTED, errors.KeyRejected("401"))
    key.refresh_from_db()
    assert key.state == "ready"


def test_an_extension_waits_for_the_account_its_video_lies_in(
    provider: Wire, alice: User, key: Credential
) -> None:
    key.delete()
    team = factories.credential(None, "kie", "team-key-0000")
    job = extension(finished(alice, external_id="veo-1"))
    provider.answer(json=kie.refused(401), path="extend")
    drain_queue()
    provider.answer(json=balance(5000), path="credit")
    credentials.save_key(alice, "kie", "alices-own-key", actor=alice)
    drain_queue()
    assert (now(job).status, now(job).credential) == ("queued", team)


def test_work_on_a_video_whose_key_is_gone_is_refused(alice: User, key: Credential) -> None:
    source = finished(alice)
    key.delete()
    with pytest.raises(lifecycle.NotSubmitted, match="is gone"):
        extension(now(source))


def test_two_workers_do_not_spend_the_same_last_credits(alice: User, key: Credential) -> None:
    first, second = factories.job(alice), factories.job(alice)
    Credential.objects.filter(pk=key.pk).update(state="empty", balance=60)
    assert claims.claim_job(first.pk) is not None
    assert claims.claim_job(second.pk) is None


def test_an_empty_account_whose_balance_nobody_tells_is_tried_with_one_job_in_ten_minutes(
    provider: Wire, alice: User
) -> None:
    jobs = [factories.job(alice, provider="veo4") for _ in range(4)]
    provider.answer(402, json={"error": "insufficient credits"}, path="generate", always=True)
    drain_queue()
    assert [now(job).status for job in jobs] == ["failed", "queued", "queued", "queued"]
    Credential.objects.filter(provider="veo4").update(checked_at=clock.after(-601))
    follow()
    follow()
    assert [now(job).status for job in jobs] == ["failed", "queued", "queued", "queued"]
    assert len(provider.posts) == 2
    Credential.objects.filter(provider="veo4").update(checked_at=clock.after(-601))
    provider.forget()
    ids = iter(range(10))
    provider.reply(
        lambda _: {"task_id": f"v-{next(ids)}", "status": "queued"}, path="generate", always=True
    )
    follow()
    assert {now(job).status for job in jobs[1:]} == {"running"}


def test_a_balance_that_pays_for_nothing_wakes_nobody(
    provider: Wire, alice: User, key: Credential
) -> None:
    for _ in range(3):
        factories.job(alice)
    Credential.objects.filter(pk=key.pk).update(state="empty", balance=1)
    drain_queue()
    purge_queue()
    provider.answer(json=balance(1), path="credit", always=True)
    read_balances()
    assert get_broker().queue_size() == 0
