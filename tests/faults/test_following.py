"""What a provider answers when it is asked about a job (46-51, 55)."""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from jobs import credentials, follower, ledger
from jobs.models import Credential, Job, LedgerEntry, User
from jobs.secrets import vault
from jobs.times import clock
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.running import drain_queue, follow
from tests.support.sending import held, sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def job(provider: Wire, alice: User) -> Job:
    provider.answer(json=kie.accepted())
    return sent(alice)


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


# ── No record (46) ───────────────────────────────────────────────────────────
NO_RECORD = {
    "404": kie.refused(404, "not found"),
    "422": kie.refused(422, "record is null"),
    "null": {"code": 200, "msg": "success", "data": None},
}


def asked_again() -> None:
    Credential.objects.update(asks_until=None)
    follow()


@pytest.mark.parametrize("answer", NO_RECORD.values(), ids=NO_RECORD)
def test_no_record_is_waited_for_two_minutes_and_then_believed_the_third_time(
    provider: Wire, job: Job, alice: User, answer: kie.Answer
) -> None:
    provider.answer(json=answer, path="record-info", always=True)
    for _ in range(4):
        asked_again()
    assert (fresh(job).status, held(alice)) == ("running", 60)
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-121))
    for _ in range(2):
        asked_again()
        assert fresh(job).status == "running"
    asked_again()
    lost = fresh(job)
    assert (lost.status, lost.charged, lost.is_unverified, held(alice)) == ("lost", 60, True, 0)


# ── Words that nobody documented (47) ────────────────────────────────────────
ODD_FLAGS: list[Any] = [7, -1, "unknown", "", "1.5", True, False, 1.5, [], [1], {}, {"a": 1}, None]


@pytest.mark.parametrize("flag", ODD_FLAGS, ids=repr)
def test_an_odd_flag_is_not_the_end_and_is_logged(
    provider: Wire, job: Job, alice: User, flag: Any, caplog: pytest.LogCaptureFixture
) -> None:
    # With a link beside it: nothing but the documented flag makes a success of that.
    link = {"resultUrls": [f"{provider.url}/film.mp4"]}
    provider.answer(json=kie.record(flag, response=link), path="record-info")
    follow()
    assert (fresh(job).status, held(alice), job.renditions.count()) == ("running", 60, 0)
    assert f"job {job.pk}: an answer we cannot read" in caplog.text


def test_a_record_without_a_flag_is_not_the_end(
    provider: Wire, job: Job, caplog: pytest.LogCaptureFixture
) -> None:
    answer = {"code": 200, "msg": "success", "data": {"taskId": "task-1"}}
    provider.answer(json=answer, path="record-info")
    follow()
    assert fresh(job).status == "running"
    assert "an answer we cannot read" in caplog.text


# ── Failures with HTTP 200 (48) ──────────────────────────────────────────────
@pytest.mark.parametrize(
    "answer",
    [
        kie.refused(501, "Internal <b>error</b>"),
        kie.refused(408, "Upstream <b>timed</b> out"),
        kie.refused(400, "Your prompt was <b>flagged</b> as violating content policies."),
        kie.failed("It was <b>not</b> to be"),
    ],
    ids=["501", "408", "policy", "flag"],
)
def test_a_failure_is_told_in_readable_and_harmless_words(
    provider: Wire, job: Job, alice: User, answer: kie.Answer
) -> None:
    provider.answer(json=answer, path="record-info")
    follow()
    assert (fresh(job).status, held(alice)) == ("failed", 0)
    page = factories.signed_in(alice).get(f"/jobs/{job.pk}/").content.decode()
    assert "&lt;b&gt;" in page
    assert "<b>flagged" not in page
    assert "<b>not" not in page


# ── Links (49) ───────────────────────────────────────────────────────────────
def test_of_a_thousand_links_one_film_is_kept(provider: Wire, job: Job) -> None:
    urls: list[Any] = ["ftp://files.example/a.mp4", None, 7, "javascript:alert(1)"]
    urls += [f"{provider.url}/film-{number}.mp4" for number in range(1000)]
    provider.answer(json=kie.succeeded(urls), path="record-info")
    provider.answer(body=films.film(), path="film-0.mp4")
    follow()
    assert fresh(job).status == "succeeded"
    assert [each.source_url for each in job.renditions.all()] == [f"{provider.url}/film-0.mp4"]


@pytest.mark.parametrize("name", ["promptJson", "paramJson"])
@pytest.mark.parametrize("as_text", [True, False], ids=["text", "object"])
def test_what_kie_repeats_of_a_request_is_read_as_text_and_as_an_object(
    provider: Wire, alice: User, name: str, as_text: bool
) -> None:
    provider.rst()
    job = sent(alice)
    params = {"prompt": job.prompt, "seeds": job.seed}
    record = kie.running("found", **{name: json.dumps(params) if as_text else params})
    provider.answer(json=record, path="record-info")
    answer = factories.signed_in(alice).post(f"/jobs/{job.pk}/resolve/", {"external_id": "found"})
    assert (answer.status_code, fresh(job).external_id) == (302, "found")


# ── A key that is refused midway (50) ────────────────────────────────────────
def test_a_refused_key_stops_its_own_jobs_only_until_there_is_a_new_one(
    provider: Wire, alice: User, bob: User, key: Credential
) -> None:
    other = Credential.objects.get(owner=bob, provider="kie")
    Credential.objects.filter(pk=other.pk).update(
        sealed_key=vault.seal("key-of-bob-1234", other.seal_context)
    )
    provider.answer(json=kie.accepted("of-alice"), path="generate")
    mine = sent(alice)
    provider.answer(json=kie.accepted("of-bob"), path="generate")
    theirs = sent(bob)
    good = {"Bearer key-of-bob-1234", "Bearer the-new-key-of-alice"}

    def record(seen: Any) -> kie.Answer:
        if seen.headers["authorization"] not in good:
            return kie.refused(401, "You do not have access permissions")
        return kie.failed(task=seen.query["taskId"])

    provider.reply(record, path="record-info", always=True)
    follow()
    key.refresh_from_db()
    other.refresh_from_db()
    assert (key.state, other.state) == ("rejected", "ready")
    assert (fresh(mine).status, fresh(theirs).status) == ("running", "failed")
    assert held(alice) == 60
    provider.answer(json={"code": 200, "msg": "success", "data": 500}, path="credit")
    credentials.save_key(alice, "kie", "the-new-key-of-alice", actor=alice)
    factories.forget_rates()
    follow()
    assert (fresh(mine).status, held(alice)) == ("failed", 0)


# ── Storms and herds (51) ────────────────────────────────────────────────────
@pytest.fixture
def five_hundred(alice: User, provider: Wire) -> list[Job]:
    """Jobs that all became due while the follower was away."""
    ledger.grant(alice, 50_000, reason="for a test", actor=None)
    first = sent_without_asking(alice, provider)
    fields = (field.attname for field in Job._meta.fields if not field.generated)
    copied = {name: getattr(first, name) for name in fields}
    rows = [
        Job(
            **{
                **copied,
                "id": uuid4(),
                "external_id": f"task-{number}",
                "submission_key": uuid4(),
                "callback_hash": f"{number:064}",
                "check_at": first.created_at,
            }
        )
        for number in range(500)
    ]
    return Job.objects.bulk_create(rows)


def sent_without_asking(owner: User, wire: Wire) -> Job:
    wire.answer(json=kie.accepted("the-first"))
    return sent(owner)


def test_after_a_restart_five_hundred_due_jobs_are_asked_about_at_the_keys_pace(
    five_hundred: list[Job],
) -> None:
    granted: list[Job] = []
    began, between_rounds = time.monotonic(), threading.Event()
    while time.monotonic() - began < 2:
        granted += follower.allowed(follower.claim_due())
        between_rounds.wait(0.1)
    seconds = time.monotonic() - began
    per_second = 10
    assert per_second <= len(granted) <= per_second * (seconds + 1)
    assert len({job.pk for job in granted}) == len(granted)
    # Who has to wait is told different moments, so that they do not come back as one herd.
    put_off = Job.objects.filter(pk__in=[job.pk for job in five_hundred], check_at__gt=Now())
    moments = set(put_off.values_list("check_at", flat=True))
    assert len(moments) > 5


def test_a_storm_of_429_is_met_with_pauses_that_differ(
    provider: Wire, alice: User, five_hundred: list[Job]
) -> None:
    provider.answer(429, json=kie.refused(429), path="record-info", always=True)
    Job.objects.exclude(pk__in=[job.pk for job in five_hundred[:16]]).update(check_at=None)
    for _ in range(8):
        Credential.objects.update(asks_until=None)
        drain_queue()
        Job.objects.filter(check_at__lt=clock.after(5)).update(check_at=clock.after(-1))
    rows = Job.objects.filter(check_at__isnull=False).annotate(now=Now())
    pauses = [(at - now).total_seconds() for at, now in rows.values_list("check_at", "now") if at]
    assert len(pauses) == 16
    assert all(10 < pause < 30 for pause in pauses)
    assert max(pauses) - min(pauses) > 2.5
    assert set(Job.objects.values_list("status", flat=True)) == {"running"}


# ── Another price than quoted (55) ───────────────────────────────────────────
def veo4_job(provider: Wire, owner: User) -> Job:
    provider.answer(json={"task_id": "v1", "status": "queued", "credits_estimated": 180})
    job = sent(owner, provider="veo4")
    assert (job.quote, held(owner)) == (180, 180)
    return job


def ends_with_charge(provider: Wire, charge: int) -> None:
    answer = {"task_id": "v1", "status": "succeeded", "video_url": f"{provider.url}/film.mp4"}
    provider.answer(json={**answer, "credits_charged": charge}, path="status")
    provider.answer(body=films.film(), path="film.mp4")
    follow()


def test_240_charged_on_a_hold_of_180_is_180_spent_and_an_overrun_of_60(
    provider: Wire, alice: User
) -> None:
    job = veo4_job(provider, alice)
    ends_with_charge(provider, 240)
    kinds = dict(LedgerEntry.objects.of_people().filter(job=job).values_list("kind", "credits"))
    assert (fresh(job).charged, held(alice)) == (240, 0)
    assert kinds == {"hold": 0, "settle": -180, "adjust": -60}
    assert "60 more than quoted" in job.entries.of_people().get(kind="adjust").reason
    assert ledger.audit() == []


def test_nothing_charged_ends_the_hold_and_spends_nothing(provider: Wire, alice: User) -> None:
    job = veo4_job(provider, alice)
    ends_with_charge(provider, 0)
    assert (fresh(job).status, fresh(job).charged) == ("succeeded", 0)
    assert (ledger.granted_to(alice).balance, ledger.granted_to(alice).held) == (1000, 0)
    assert ledger.audit() == []


# ── What a question costs us ─────────────────────────────────────────────────
def test_of_a_job_that_is_still_running_little_is_asked_of_the_database(
    provider: Wire, job: Job
) -> None:
    provider.answer(json=kie.running(), path="record-info", always=True)
    asked_again()
    Job.objects.update(check_at=Now())
    [due] = follower.allowed(follower.claim_due())
    with CaptureQueriesContext(connection) as asked:
        follower.ask(due)
    # What it is now, and when it is asked about again.
    assert [each["sql"].split()[0] for each in asked] == ["SELECT", "UPDATE"]
