"""The one paid request: what each end of it proves, and what happens to the money."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from jobs import follower, lifecycle
from jobs.lifecycle.sending import claims, paid_request
from jobs.machine import spool
from jobs.models import Credential, Job, User
from jobs.providers import errors
from jobs.secrets import vault
from jobs.secrets.tokens import hash_token
from tests.support import factories, kie
from tests.support.factories import CANARY_KEY
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow, probe, purge_queue
from tests.support.sending import Database, held, sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_an_accepted_job_runs_under_the_providers_id(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted("veo_task_abc"))
    job = sent(alice)
    assert (job.status, job.external_id, held(alice)) == ("running", "veo_task_abc", 60)


def test_what_was_chosen_is_what_is_sent(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted())
    sent(alice, prompt="Rain", aspect_ratio="9:16", seed=23456, translate=False, watermark="ACME")
    body = provider.posts[0].json
    assert body["prompt"] == "Rain"
    assert (body["aspect_ratio"], body["seeds"], body["watermark"]) == ("9:16", 23456, "ACME")
    assert body["enableTranslation"] is False


def test_the_key_travels_in_the_header_alone(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted())
    sent(alice)
    assert provider.posts[0].headers["authorization"] == f"Bearer {CANARY_KEY}"
    assert CANARY_KEY.encode() not in provider.posts[0].body


def test_the_callback_address_is_public_url_and_a_secret_kept_as_hash(
    provider: Wire, alice: User
) -> None:
    provider.answer(json=kie.accepted())
    job = sent(alice)
    url = provider.posts[0].json["callBackUrl"]
    token = url.rstrip("/").rpartition("/")[2]
    assert url == f"https://dailies.example/webhooks/kie/{token}/"
    assert job.callback_hash == hash_token(token)


def test_without_a_public_url_no_callback_is_asked_for(
    provider: Wire, alice: User, settings: Any
) -> None:
    settings.CALLBACK_BASE = ""
    provider.answer(json=kie.accepted())
    sent(alice)
    assert "callBackUrl" not in provider.posts[0].json


def test_the_witness_is_committed_before_the_request_arrives(provider: Wire, alice: User) -> None:
    seen: list[str] = []
    job = factories.job(alice)

    def look(_request: object) -> dict[str, Any]:
        return kie.accepted()

    provider.reply(look)
    original = paid_request._send

    def spy(claim: claims.Claim) -> Any:
        row = Job.objects.get(pk=job.pk)
        seen.append(row.status)
        assert row.callback_hash
        assert row.lease_until
        return original(claim)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paid_request, "_send", spy)
        drain_queue()
    assert seen == ["submitting"]


@pytest.mark.parametrize("accident", ["rst", "eof", "truncated"])
def test_a_lost_answer_is_uncertain_and_never_sent_again(
    provider: Wire, alice: User, accident: str
) -> None:
    getattr(provider, accident)()
    job = sent(alice)
    follow()
    assert (job.status, len(provider.posts), held(alice)) == ("uncertain", 1, 60)


def test_an_answer_that_never_comes_is_uncertain(
    provider: Wire, alice: User, settings: Any
) -> None:
    settings.PROVIDER_POST_SECONDS = 0.3
    provider.hang()
    assert sent(alice).status == "uncertain"
    assert len(provider.posts) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"code":500}'),
        (502, b"<html>Bad gateway</html>"),
        (504, b""),
        (200, b'{"code":200,"data":{}}'),
        (200, b'{"code":200,"data":{"taskId":"../x"}}'),
        (200, b'{"code":500,"msg":"Server Error","data":null}'),
        (200, b"\xff\xfe"),
    ],
)
def test_an_answer_that_proves_nothing_is_uncertain(
    provider: Wire, alice: User, status: int, body: bytes
) -> None:
    provider.answer(status, body=body)
    assert sent(alice).status == "uncertain"
    assert (len(provider.posts), held(alice)) == (1, 60)


def test_a_redirect_is_uncertain_and_not_followed(provider: Wire, alice: User) -> None:
    provider.redirect(f"{provider.url}/elsewhere")
    assert sent(alice).status == "uncertain"
    assert len(provider.requests) == 1


def test_the_id_of_another_job_proves_nothing(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted("same"))
    provider.answer(json=kie.accepted("same"))
    first, second = sent(alice), sent(alice)
    assert (first.status, second.status, second.external_id) == ("running", "uncertain", "")


def test_a_closed_port_keeps_the_job_and_tries_again(
    provider: Wire, alice: User, settings: Any
) -> None:
    reachable, settings.KIE_BASE_URL = settings.KIE_BASE_URL, "http://127.0.0.1:9"
    job = sent(alice)
    assert (job.status, held(alice)) == ("queued", 60)
    settings.KIE_BASE_URL = reachable
    provider.answer(json={"code": 200, "msg": "success", "data": 5000}, path="credit")
    provider.answer(json=kie.accepted(), path="generate")
    probe()
    job.refresh_from_db()
    assert (job.status, len(provider.posts)) == ("running", 1)


@pytest.mark.parametrize("code", [429, 455])
def test_not_now_is_tried_again_with_the_same_hold(provider: Wire, alice: User, code: int) -> None:
    provider.answer(json=kie.refused(code))
    provider.answer(json=kie.accepted())
    job = sent(alice)
    assert (job.status, held(alice)) == ("queued", 60)
    follow()
    job.refresh_from_db()
    assert (job.status, held(alice)) == ("running", 60)


def test_retry_after_is_honoured(provider: Wire, alice: User) -> None:
    provider.answer(429, json=kie.refused(429), headers={"Retry-After": "77"})
    job = sent(alice)
    wait = Job.objects.filter(pk=job.pk).annotate(now=Now()).values_list("try_at", "now")[0]
    assert 70 < (wait[0] - wait[1]).total_seconds() < 78


def test_it_is_not_sent_before_its_time(provider: Wire, alice: User) -> None:
    provider.answer(429, json=kie.refused(429), headers={"Retry-After": "77"})
    job = sent(alice)
    lifecycle.start(job.pk)
    assert len(provider.posts) == 1


@pytest.mark.parametrize("code", [400, 404, 422, 451, 505])
def test_a_refusal_fails_the_job_and_frees_the_hold(provider: Wire, alice: User, code: int) -> None:
    provider.answer(json=kie.refused(code, "because"))
    job = sent(alice)
    assert (job.status, job.charged, held(alice)) == ("failed", 0, 0)
    assert job.error


def test_an_empty_provider_account_fails_the_job_and_marks_the_key(
    provider: Wire, alice: User, key: Credential
) -> None:
    provider.answer(json=kie.refused(402, "The current credits are insufficient."))
    job = sent(alice)
    key.refresh_from_db()
    assert (job.status, key.state, held(alice)) == ("failed", "empty", 0)


def test_a_rejected_key_pauses_its_queue(provider: Wire, alice: User, key: Credential) -> None:
    provider.answer(json=kie.refused(401))
    job = sent(alice)
    key.refresh_from_db()
    follow()
    assert (job.status, key.state, held(alice)) == ("queued", "rejected", 60)
    assert len(provider.posts) == 1


def test_a_key_that_cannot_be_opened_pauses_the_job(
    provider: Wire, alice: User, key: Credential
) -> None:
    Credential.objects.filter(pk=key.pk).update(sealed_key=vault.seal("stolen", "1:kie:0x"))
    job = sent(alice)
    assert (job.status, provider.requests) == ("queued", [])


def test_veo4_is_spoken_to_in_its_own_words(provider: Wire, alice: User) -> None:
    provider.answer(json={"task_id": "veo4_task_1", "status": "queued", "credits_estimated": 180})
    job = sent(alice, provider="veo4")
    assert (job.external_id, job.provider_credits_estimated) == ("veo4_task_1", Decimal(180))
    assert provider.posts[0].json["public"] is False
    assert provider.posts[0].json["webhook_url"].startswith("https://dailies.example/webhooks/veo4")


def test_veo4_is_asked_for_no_callback_before_it_offers_one(
    provider: Wire, alice: User, settings: Any
) -> None:
    settings.VEO4_WEBHOOK_ENABLED = False
    provider.answer(json={"task_id": "veo4_task_1", "status": "queued"})
    sent(alice, provider="veo4")
    assert "webhook_url" not in provider.posts[0].json


def test_redelivered_wake_ups_send_nothing_more(provider: Wire, alice: User) -> None:
    provider.answer(json=kie.accepted())
    job = sent(alice)
    for _ in range(5):
        lifecycle.start(job.pk)
    assert len(provider.posts) == 1


def test_a_claim_whose_deadline_passed_is_not_used(
    provider: Wire, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = factories.job(alice)
    monkeypatch.setattr(claims, "DEADLINE_SECONDS", -1)
    drain_queue()
    job.refresh_from_db()
    assert (job.status, provider.requests) == ("queued", [])


def test_a_worker_that_slept_through_its_lease_still_knows_it_sent_nothing(
    provider: Wire, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = factories.job(alice)
    monkeypatch.setattr(claims, "DEADLINE_SECONDS", -1)
    monkeypatch.setattr(claims, "LEASE_SECONDS", -1)
    claim = claims.claim_job(job.pk)
    assert claim
    lifecycle.abandon()
    job.refresh_from_db()
    assert job.status == "uncertain"
    paid_request._take_no(claim, errors.Unreachable())
    job.refresh_from_db()
    assert (job.status, held(alice)) == ("queued", 60)


def test_the_workers_own_time_limit_leaves_the_job_uncertain(
    provider: Wire, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def timed_out(*_: object) -> None:
        raise SystemExit(1)

    job = factories.job(alice)
    monkeypatch.setattr(paid_request, "_send", timed_out)
    with pytest.raises(SystemExit):
        drain_queue()
    Job.objects.filter(pk=job.pk).update(lease_until="2000-01-01T00:00Z")
    follower.sweep()
    job.refresh_from_db()
    assert (job.status, job.error_code, held(alice)) == ("uncertain", "worker-gone", 60)


def test_a_bug_while_sending_is_not_taken_for_a_refusal(
    provider: Wire, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(paid_request, "_send", broken)
    assert sent(alice).status == "uncertain"


def test_a_purged_queue_loses_nothing(provider: Wire, alice: User) -> None:
    jobs = [factories.job(alice, model="veo3_lite") for _ in range(8)]
    purge_queue()
    for number, _ in enumerate(jobs):
        provider.answer(json=kie.accepted(f"task-{number}"))
    follow()
    assert {job.status for job in Job.objects.all()} == {"running"}


def test_a_job_whose_key_was_removed_goes_on_with_the_next_one(
    provider: Wire, alice: User, key: Credential
) -> None:
    job = factories.job(alice)
    key.delete()
    purge_queue()
    team = factories.credential(None, "kie", key="the-teams-own-key")
    provider.answer(json=kie.accepted())
    follow()
    job.refresh_from_db()
    assert (job.status, job.credential) == ("running", team)
    assert provider.posts[0].headers["authorization"] == "Bearer the-teams-own-key"


def test_no_more_than_twenty_creations_in_ten_seconds(provider: Wire, alice: User) -> None:
    for number in range(21):
        provider.answer(json=kie.accepted(f"task-{number}"), path="generate")
        factories.job(alice, model="veo3_lite")
    drain_queue()
    assert len(provider.posts) == 20
    assert Job.objects.filter(status="queued", try_at__gt=Now()).count() == 1
    provider._scripts.clear()


def test_an_id_that_cannot_be_committed_is_kept_on_disk_and_replayed(
    provider: Wire, alice: User
) -> None:
    provider.answer(json=kie.accepted("precious"))
    job = factories.job(alice)
    with connection.execute_wrapper(Database(failures=1)):
        drain_queue()
    job.refresh_from_db()
    assert job.status == "submitting"
    follower.sweep()
    job.refresh_from_db()
    assert (job.status, job.external_id) == ("running", "precious")


def test_a_spooled_id_reaches_a_job_that_was_judged_uncertain_meanwhile(
    provider: Wire, alice: User
) -> None:
    provider.rst()
    job = sent(alice)
    spool.write(str(job.pk), "precious", None)
    follower.sweep()
    job.refresh_from_db()
    assert (job.status, job.external_id) == ("running", "precious")


def test_with_no_disk_either_the_id_is_in_the_log(
    settings: Any, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    settings.SPOOL_DIR = tmp_path / "file"
    spool.write("job-1", "precious", None)
    assert caplog.records[0].levelno == logging.CRITICAL
    assert "precious" in caplog.text
    assert "job-1" in caplog.text


def test_an_abandoned_claim_is_swept_only_after_its_lease(provider: Wire, alice: User) -> None:
    job = factories.job(alice)
    assert claims.claim_job(job.pk)
    follower.sweep()
    job.refresh_from_db()
    assert job.status == "submitting"


def test_a_deadline_ends_before_the_lease() -> None:
    assert claims.DEADLINE_SECONDS < claims.LEASE_SECONDS
