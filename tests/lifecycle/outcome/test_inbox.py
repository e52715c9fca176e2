"""Callbacks: from the provider's POST to the card, believed in nothing but their timing."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from jobs import database, inbox, lifecycle, queue
from jobs.models import Job, User, WebhookEvent
from jobs.times import clock
from tests.support import factories, kie
from tests.support.answers.callbacks import job, lost_answer, post, signed
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow, purge_queue
from tests.support.sending import held, sent
from tests.support.servers.interrupting import after_the_answer

pytestmark = [pytest.mark.django_db, pytest.mark.data]

__all__ = ["job", "lost_answer", "signed"]  # the fixtures that tests here ask for by name


@pytest.fixture
def path(provider: Wire, job: Job) -> str:
    return kie.callback_path(provider)


def test_a_callback_is_answered_stored_and_makes_us_ask(
    provider: Wire, client: Client, job: Job, path: str
) -> None:
    answer = post(client, path)
    provider.answer(json=kie.failed())
    drain_queue()
    job.refresh_from_db()
    assert (answer.status_code, job.status) == (200, "failed")
    assert job.webhook_events.get().external_id == "task-1"


def test_a_forged_success_is_only_a_question(
    provider: Wire, client: Client, job: Job, path: str, alice: User
) -> None:
    post(client, path, kie.callback(info={"resultUrls": ["https://evil.example/x.mp4"]}))
    provider.answer(json=kie.running())
    drain_queue()
    job.refresh_from_db()
    assert (job.status, held(alice), job.renditions.count()) == ("running", 60, 0)


def test_the_attackers_link_is_nowhere_kept(client: Client, job: Job, path: str) -> None:
    post(client, path)
    assert "evil.example" not in str(list(WebhookEvent.objects.values()))


def test_the_same_body_is_kept_once_and_asked_about_once(
    provider: Wire, client: Client, job: Job, path: str
) -> None:
    answers = {post(client, path).status_code for _ in range(100)}
    provider.answer(json=kie.running())
    drain_queue()
    assert (answers, WebhookEvent.objects.count()) == ({200}, 1)
    assert len(provider.requests) == 2


def test_many_callbacks_make_one_question_in_ten_seconds(
    provider: Wire, client: Client, job: Job, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "NUDGE_SECONDS", 600)
    for number in range(30):
        post(client, path, kie.callback(extra=number))
    provider.answer(json=kie.running())
    drain_queue()
    for number in range(30, 60):
        post(client, path, kie.callback(extra=number))
    drain_queue()
    assert len(provider.requests) == 2
    later = Job.objects.filter(pk=job.pk, nudged_at__gt=clock.after(500))
    assert later.filter(nudged_at__lt=clock.after(601)).exists()


def test_success_then_failure_callbacks_end_as_the_provider_says(
    provider: Wire, client: Client, job: Job, path: str
) -> None:
    post(client, path)
    post(client, path, kie.callback(reason="failed after all"))
    provider.answer(json=kie.failed())
    drain_queue()
    follow()
    job.refresh_from_db()
    assert job.status == "failed"


def test_a_callback_that_overtakes_the_answer_is_not_forgotten(
    provider: Wire, client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtake() -> None:
        assert post(client, kie.callback_path(provider)).status_code == 200
        drain_queue()

    job = factories.job(alice)
    purge_queue()
    after_the_answer(monkeypatch, overtake)
    provider.answer(json=kie.accepted())
    provider.answer(json=kie.failed())
    lifecycle.start(job.pk)
    drain_queue()
    job.refresh_from_db()
    assert job.status == "failed"


def test_a_job_whose_answer_was_lost_is_recovered_by_its_callback(
    provider: Wire, client: Client, lost_answer: Job
) -> None:
    post(client, kie.callback_path(provider), kie.callback("found"))
    url = provider.posts[0].json["callBackUrl"]
    echo = kie.echo(lost_answer.prompt, lost_answer.seed, url)
    provider.answer(json=kie.running("found", **echo))
    drain_queue()
    lost_answer.refresh_from_db()
    assert (lost_answer.status, lost_answer.external_id) == ("running", "found")
    assert len(provider.posts) == 1


def test_veo4_callbacks_recover_too(provider: Wire, client: Client, alice: User) -> None:
    provider.rst()
    job = sent(alice, provider="veo4")
    path = provider.posts[0].json["webhook_url"].removeprefix("https://dailies.example")
    body = b'{"event":"video.succeeded","task_id":"v9","status":"succeeded"}'
    assert post(client, path, body).status_code == 200
    provider.answer(json={"task_id": "v9", "status": "processing", "progress": 90})
    drain_queue()
    job.refresh_from_db()
    assert (job.status, job.external_id) == ("running", "v9")


def test_another_persons_task_is_not_attached(
    provider: Wire, client: Client, lost_answer: Job, caplog: pytest.LogCaptureFixture
) -> None:
    post(client, kie.callback_path(provider), kie.callback("foreign"))
    provider.answer(json=kie.running("foreign", **kie.echo("Another prompt", 33333)))
    drain_queue()
    lost_answer.refresh_from_db()
    assert (lost_answer.status, lost_answer.external_id) == ("uncertain", "")
    assert WebhookEvent.objects.get().verdict == "refused"
    assert "foreign" in caplog.text


@pytest.mark.parametrize("genuine_last", [True, False])
def test_among_many_fake_ids_the_genuine_one_is_found(
    provider: Wire, client: Client, lost_answer: Job, genuine_last: bool
) -> None:
    ids = [f"fake-{n}" for n in range(12)]
    ids.insert(12 if genuine_last else 0, "genuine")
    for task in ids:
        post(client, kie.callback_path(provider), kie.callback(task))

    def record(seen: Any) -> dict[str, Any]:
        if seen.query["taskId"] != "genuine":
            return kie.refused(422, "record is null")
        return kie.running("genuine", **kie.echo(lost_answer.prompt, lost_answer.seed))

    provider.reply(record, path="record-info", always=True)
    drain_queue()
    asked_at_once = len(provider.requests) - 1
    for _ in range(3):
        follow()
    lost_answer.refresh_from_db()
    assert (lost_answer.external_id, asked_at_once <= 5) == ("genuine", True)


def test_a_late_callback_brings_a_lost_job_back(
    provider: Wire, client: Client, job: Job, path: str
) -> None:
    lifecycle.lose(job, "gone")
    post(client, path)
    provider.answer(json=kie.succeeded(f"{provider.url}/a.mp4"))
    provider.answer(500, path="a.mp4", always=True)
    drain_queue()
    job.refresh_from_db()
    assert job.status == "succeeded"


@pytest.mark.parametrize(
    "path",
    [
        "/webhooks/kie/" + "A" * 43 + "/",
        "/webhooks/kie/short/",
        "/webhooks/kie/" + "A" * 10_000 + "/",
        "/webhooks/nobody/" + "A" * 43 + "/",
    ],
)
def test_an_unknown_address_is_404_and_writes_nothing(
    client: Client, db: None, path: str, django_assert_max_num_queries: Any
) -> None:
    # Whether it is known, and whether the database may have forgotten it: was it restored of late?
    with django_assert_max_num_queries(2):
        assert post(client, path).status_code == 404
    assert not WebhookEvent.objects.exists()


def test_a_token_counts_for_its_own_provider_only(client: Client, path: str) -> None:
    assert post(client, path.replace("/kie/", "/veo4/")).status_code == 404
    assert (
        post(client, path.swapcase().replace("/WEBHOOKS/KIE/", "/webhooks/kie/")).status_code == 404
    )
    assert post(client, path[:-5] + "/").status_code == 404


def test_guessing_is_slowed_down(client: Client, db: None) -> None:
    codes = [post(client, "/webhooks/kie/guess/").status_code for _ in range(62)]
    assert (codes[0], codes[-1]) == (404, 429)


def test_guessing_does_not_keep_genuine_callbacks_out(client: Client, path: str) -> None:
    for _ in range(62):
        post(client, "/webhooks/kie/guess/")
    assert post(client, path).status_code == 200


class TestSignature:
    @pytest.fixture
    def now(self, monkeypatch: pytest.MonkeyPatch) -> int:
        """When whoever verifies looks at the clock, which stands for them alone."""
        now = int(time.time())
        monkeypatch.setattr(inbox, "time", lambda: float(now))
        return now

    def test_the_documented_vector_is_accepted(
        self, client: Client, path: str, signed: str
    ) -> None:
        stamp = str(int(time.time()))
        headers = kie.signature("task-1", stamp, signed)
        assert post(client, path, headers=headers).status_code == 200

    @pytest.mark.parametrize("age", [-300, 300])
    def test_five_minutes_either_way_are_fine(
        self, client: Client, path: str, signed: str, now: int, age: int
    ) -> None:
        headers = kie.signature("task-1", str(now + age), signed)
        assert post(client, path, headers=headers).status_code == 200

    @pytest.mark.parametrize("stamp", ["-301", "+301", "nan", "1e309", "-5", "", "１２３"])
    def test_any_other_time_is_refused(
        self, client: Client, path: str, signed: str, now: int, stamp: str
    ) -> None:
        moment = str(now + int(stamp)) if stamp[1:] == "301" else stamp
        headers = kie.signature("task-1", moment, signed)
        assert post(client, path, headers=headers).status_code == 401

    @pytest.mark.parametrize("missing", ["X-Webhook-Timestamp", "X-Webhook-Signature"])
    def test_both_headers_are_needed(
        self, client: Client, path: str, signed: str, missing: str
    ) -> None:
        headers = kie.signature("task-1", str(int(time.time())), signed)
        del headers[missing]
        assert post(client, path, headers=headers).status_code == 401

    @pytest.mark.parametrize("forged", ["!!!", "v1", "v1=abc", "", "é"])
    def test_a_bad_signature_is_refused(
        self, client: Client, path: str, signed: str, forged: str
    ) -> None:
        headers = kie.signature("task-1", str(int(time.time())), signed)
        headers["X-Webhook-Signature"] = forged
        assert post(client, path, headers=headers).status_code == 401

    def test_another_key_does_not_sign(self, client: Client, path: str, signed: str) -> None:
        headers = kie.signature("task-1", str(int(time.time())), "wrong-key")
        assert post(client, path, headers=headers).status_code == 401

    def test_there_is_no_way_down_to_unsigned(self, client: Client, path: str, signed: str) -> None:
        assert post(client, path).status_code == 401
        assert not WebhookEvent.objects.exists()

    def test_without_a_signing_key_the_address_is_enough(self, client: Client, path: str) -> None:
        assert post(client, path).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b'{"code":200,"data":null}',
        b'{"code":200}',
        b'{"code":200,"data":["task-1"]}',
        b'{"code":200,"data":"task-1"}',
        b"[1]",
        b'"x"',
        b"",
        b"taskId=task-1",
        b"[" * 5000,
        b"\xff\xfe{}",
    ],
)
def test_what_is_no_callback_is_a_400(client: Client, path: str, body: bytes) -> None:
    assert post(client, path, body).status_code == 400
    assert not WebhookEvent.objects.exists()


def test_another_content_type_is_a_400(client: Client, path: str) -> None:
    assert client.post(path, {"data": "x"}).status_code == 400


def test_more_than_64_kib_is_a_413(client: Client, path: str) -> None:
    assert post(client, path, b" " * 65_537).status_code == 413


@pytest.mark.parametrize("method", ["get", "put", "options", "delete"])
def test_only_post_is_heard(client: Client, path: str, method: str) -> None:
    assert getattr(client, method)(path).status_code == 405


def test_a_callback_that_cannot_be_stored_is_not_called_received(client: Client, path: str) -> None:
    def read_only(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT"):
            raise OperationalError("attempt to write a readonly database")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(read_only):
        assert post(client, path).status_code == 503
    database.AWAY.over()


def test_every_task_that_the_queue_names_exists() -> None:
    for dotted in queue.TASKS:
        module, _, name = dotted.rpartition(".")
        assert callable(getattr(__import__(module, fromlist=[name]), name))
