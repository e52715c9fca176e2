"""Things that happen at the same moment, and answers that prove nothing: no job is forgotten."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jobs import follower, lifecycle
from jobs.lifecycle.outcome.charges import charge_for
from jobs.lifecycle.sending import paid_request
from jobs.machine import spool
from jobs.models import Credential, Job, User, WebhookEvent
from jobs.times import clock
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow, read_balances
from tests.support.sending import held, sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def job(provider: Wire, alice: User) -> Job:
    provider.answer(json=kie.accepted())
    return sent(alice)


@pytest.fixture
def uncertain(provider: Wire, alice: User) -> Job:
    provider.rst()
    return sent(alice)


def called(job: Job, external_id: str) -> WebhookEvent:
    event = WebhookEvent.objects.create(
        job=job, external_id=external_id, body_hash=f"{external_id:0>64}"
    )
    Job.objects.filter(pk=job.pk).update(check_at=clock.after(-1))
    return event


def due_again(external_id: str = "") -> None:
    Job.objects.filter(external_id=external_id).update(check_at=clock.after(-1))
    factories.forget_rates()


def test_a_job_that_was_accepted_meanwhile_goes_on_being_followed(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(check_at=clock.after(30))
    seen_before = Job.objects.get(pk=job.pk)
    seen_before.status = "submitting"
    follower.ask(seen_before)
    job.refresh_from_db()
    assert job.check_at


def test_a_running_job_that_nobody_would_ask_about_is_found(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(check_at=None)
    follower.sweep()
    job.refresh_from_db()
    assert job.check_at


def test_an_id_is_not_refused_because_its_record_is_late(provider: Wire, uncertain: Job) -> None:
    called(uncertain, "genuine")
    provider.answer(json=kie.refused(422, "record is null"))
    drain_queue()
    provider.answer(json=kie.running("genuine", **kie.echo(uncertain.prompt, uncertain.seed)))
    due_again()
    drain_queue()
    uncertain.refresh_from_db()
    assert uncertain.external_id == "genuine"


def test_an_id_without_a_record_is_not_looked_up_for_ever(
    provider: Wire, uncertain: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.follower.searching.LOOKUPS_MAX", 2)
    event = called(uncertain, "nobody")
    for _ in range(2):
        provider.answer(json=kie.refused(422, "record is null"))
        due_again()
        drain_queue()
    event.refresh_from_db()
    assert event.verdict == "refused"


def test_an_id_that_breaks_the_question_does_not_keep_the_genuine_one_waiting(
    provider: Wire, uncertain: Job
) -> None:
    called(uncertain, "genuine")
    called(uncertain, "breaks")

    def record(seen: Any) -> dict[str, Any]:
        if seen.query["taskId"] == "breaks":
            return kie.refused(455)
        return kie.running("genuine", **kie.echo(uncertain.prompt, uncertain.seed))

    provider.reply(record, always=True)
    drain_queue()
    uncertain.refresh_from_db()
    assert uncertain.external_id == "genuine"


def test_another_accounts_key_cannot_lose_a_job(
    provider: Wire, job: Job, key: Credential, alice: User
) -> None:
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-200))
    Credential.objects.filter(pk=key.pk).update(saved_at=clock.after(-100))
    for _ in range(4):
        provider.answer(json=kie.refused(422, "record is null"))
        follow()
    job.refresh_from_db()
    assert (job.status, held(alice)) == ("running", 60)


def test_a_rejected_key_still_asks_about_what_runs(
    provider: Wire, job: Job, key: Credential
) -> None:
    Credential.objects.filter(pk=key.pk).update(state="rejected", checked_at=clock.after(0))
    provider.answer(json=kie.failed())
    follow()
    job.refresh_from_db()
    assert job.status == "failed"


def test_a_rejected_key_is_tried_again_by_itself(provider: Wire, key: Credential) -> None:
    Credential.objects.filter(pk=key.pk).update(state="rejected", checked_at=clock.after(-900))
    provider.answer(json={"code": 200, "msg": "success", "data": 12.5}, path="credit")
    read_balances()
    key.refresh_from_db()
    assert key.state == "ready"


@pytest.mark.parametrize("broken", ["{", json.dumps({"job_id": "no", "external_id": "x"})])
def test_a_damaged_spool_file_does_not_stop_the_others(
    uncertain: Job, settings: Any, broken: str
) -> None:
    Path(settings.SPOOL_DIR).mkdir(parents=True)
    (Path(settings.SPOOL_DIR) / "0.json").write_text(broken)
    spool.write(str(uncertain.pk), "precious", None)
    follower.sweep()
    uncertain.refresh_from_db()
    assert uncertain.external_id == "precious"
    assert [path.name for path in Path(settings.SPOOL_DIR).iterdir()] == ["0.bad"]


def test_an_id_spooled_for_a_job_that_is_not_ours_is_kept_for_a_person(settings: Any) -> None:
    spool.write("00000000-0000-4000-8000-000000000000", "precious", None)
    follower.sweep()
    assert len(list(Path(settings.SPOOL_DIR).glob("*.bad"))) == 1


def test_the_time_limit_striking_during_the_commit_spools_the_id(
    provider: Wire, alice: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def timed_out(*_: object, **__: object) -> bool:
        raise SystemExit(1)

    provider.answer(json=kie.accepted("precious"))
    factories.job(alice)
    with monkeypatch.context() as patch:
        patch.setattr(paid_request, "accept", timed_out)
        with pytest.raises(SystemExit):
            drain_queue()
    follower.sweep()
    assert Job.objects.get().external_id == "precious"


def test_a_running_job_is_given_up_after_fourteen_days_even_without_a_key(
    job: Job, key: Credential, alice: User
) -> None:
    key.delete()
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-15 * 24 * 3600))
    follower.give_up()
    job.refresh_from_db()
    assert (job.status, held(alice)) == ("lost", 0)


@pytest.mark.parametrize("charge", [-1, 900_000_000])
def test_a_charge_out_of_all_proportion_is_not_believed(job: Job, charge: int) -> None:
    assert charge_for(job, Decimal(charge)) == 60


def test_who_waited_longest_is_asked_about_first(provider: Wire, alice: User) -> None:
    jobs = [factories.job(alice, model="veo3_lite") for _ in range(8)]
    for number, each in enumerate(jobs):
        Job.objects.filter(pk=each.pk).update(
            status="running", external_id=f"task-{number}", check_at=clock.after(number - 100)
        )
    asked = follower.allowed(follower.claim_due())
    assert [each.pk for each in asked] == [each.pk for each in jobs[: len(asked)]]
    assert len(asked) == 5


def test_a_kie_record_that_repeats_nothing_proves_nothing(provider: Wire, alice: User) -> None:
    provider.rst()
    job = sent(alice)
    factories.signed_in(alice).post(
        kie.callback_path(provider), kie.callback("strangers"), content_type="application/json"
    )
    provider.answer(json=kie.running("strangers"), always=True)
    follow()
    job.refresh_from_db()
    assert (job.status, job.external_id) == ("uncertain", "")


def test_a_callback_that_came_before_the_write_off_still_brings_the_video(
    provider: Wire, alice: User, admin: User
) -> None:
    provider.rst()
    job = sent(alice)
    factories.signed_in(alice).post(
        kie.callback_path(provider), kie.callback("found"), content_type="application/json"
    )
    Job.objects.filter(pk=job.pk).update(sent_at=clock.after(-1000))
    lifecycle.write_off(job, admin, "nothing in the log")
    echo = kie.echo(job.prompt, job.seed)
    provider.answer(json=kie.succeeded("https://files.example/a.mp4", "found", **echo))
    provider.answer(404, path=".mp4", always=True)
    follow()
    job.refresh_from_db()
    assert (job.status, job.external_id) == ("succeeded", "found")


def test_whoever_has_a_jobs_address_cannot_fill_the_disk_with_it(
    provider: Wire, alice: User
) -> None:
    provider.answer(json=kie.accepted())
    job = sent(alice)
    WebhookEvent.objects.bulk_create(
        WebhookEvent(job=job, external_id=f"fake-{n}", body_hash=str(n)) for n in range(300)
    )
    factories.signed_in(alice).post(
        kie.callback_path(provider), kie.callback(), content_type="application/json"
    )
    provider.answer(json=kie.running(), always=True)
    follow()
    kept = WebhookEvent.objects.order_by("-id")
    assert (kept.count(), kept[0].external_id) == (200, "task-1")


def test_a_callback_of_a_job_that_ended_is_answered_and_not_kept(
    provider: Wire, alice: User
) -> None:
    provider.answer(json=kie.accepted())
    job = sent(alice)
    provider.answer(json=kie.succeeded("https://files.example/a.mp4"))
    provider.answer(404, path=".mp4", always=True)
    follow()
    answer = factories.signed_in(alice).post(
        kie.callback_path(provider), kie.callback(), content_type="application/json"
    )
    job.refresh_from_db()
    assert (answer.status_code, job.status) == (200, "succeeded")
    assert not WebhookEvent.objects.exists()
