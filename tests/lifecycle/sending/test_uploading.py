"""Images reach the provider before anything is claimed or paid."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models.functions import Now

from jobs import directory, lifecycle
from jobs.lifecycle.sending import uploading
from jobs.models import Credential, Job, JobImage, User
from jobs.providers import errors
from jobs.providers.http import POST_SECONDS
from jobs.times import clock
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.media.image_orders import image, order, uploaded
from tests.support.running import follow, purge_queue
from tests.support.sending import held, sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_images_are_uploaded_and_their_addresses_sent_in_order(provider: Wire, alice: User) -> None:
    first, last = image(alice, b"first"), image(alice, b"last")
    provider.answer(json=uploaded("first"), path="upload")
    provider.answer(json=uploaded("last"), path="upload")
    provider.answer(json=kie.accepted(), path="generate")
    job = sent(alice, **order(alice, first, last))
    assert job.status == "running"
    body = provider.posts[-1].json
    assert body["generationType"] == "FIRST_AND_LAST_FRAMES_2_VIDEO"
    assert body["imageUrls"] == [
        "https://tempfile.redpandaai.co/first.jpg",
        "https://tempfile.redpandaai.co/last.jpg",
    ]
    assert b"first" in provider.posts[0].body


def test_each_upload_has_a_name_nobody_can_guess(provider: Wire, alice: User) -> None:
    provider.answer(json=uploaded(), path="upload", always=True)
    provider.answer(json=kie.accepted(), path="generate")
    same = image(alice)
    sent(alice, **order(alice, same, same))
    names = [seen.body.split(b"fileName")[1][:80] for seen in provider.posts[:2]]
    assert names[0] != names[1]


def test_an_upload_that_fails_is_tried_again_and_nothing_is_paid(
    provider: Wire, alice: User
) -> None:
    provider.answer(500, body=b"oops", path="upload", always=True)
    job = sent(alice, **order(alice, image(alice)))
    provider.forget()
    assert (job.status, job.claims, held(alice)) == ("queued", 0, 60)
    assert "couldn’t be sent yet" in job.error
    provider.answer(json=uploaded(), path="upload")
    provider.answer(json=kie.accepted(), path="generate")
    follow()
    job.refresh_from_db()
    assert job.status == "running"


def test_after_six_failed_uploads_the_job_fails_and_costs_nothing(
    provider: Wire, alice: User
) -> None:
    provider.answer(500, body=b"oops", path="upload", always=True)
    job = sent(alice, **order(alice, image(alice)))
    for _ in range(5):
        follow()
    job.refresh_from_db()
    assert (job.status, job.charged, held(alice)) == ("failed", 0, 0)


def test_an_upload_is_used_again_while_it_is_fresh(provider: Wire, alice: User) -> None:
    provider.answer(json=uploaded(), path="upload")
    provider.answer(429, json=kie.refused(429), path="generate")
    job = sent(alice, **order(alice, image(alice)))
    provider.answer(json=kie.accepted(), path="generate")
    follow()
    assert [("upload" in seen.path) for seen in provider.posts] == [True, False, False]
    assert JobImage.objects.get(job=job).handed_url.endswith("1.jpg")


def test_an_upload_of_yesterday_is_made_anew(provider: Wire, alice: User) -> None:
    provider.answer(json=uploaded(), path="upload")
    provider.answer(429, json=kie.refused(429), path="generate")
    sent(alice, **order(alice, image(alice)))
    JobImage.objects.update(handed_at=clock.after(-86_400))
    provider.answer(json=uploaded("2"), path="upload")
    provider.answer(json=kie.accepted(), path="generate")
    follow()
    assert provider.posts[-1].json["imageUrls"] == ["https://tempfile.redpandaai.co/2.jpg"]


def test_a_key_refused_at_the_upload_pauses_the_job(provider: Wire, alice: User) -> None:
    provider.answer(401, json=kie.refused(401), path="upload")
    job = sent(alice, **order(alice, image(alice)))
    assert (job.status, job.error_code, job.hand_count) == ("queued", "paused", 0)


def test_a_key_that_cannot_be_opened_pauses_a_job_with_images_too(
    provider: Wire, alice: User, key: Credential
) -> None:
    Credential.objects.filter(pk=key.pk).update(sealed_key="garbage")
    job = sent(alice, **order(alice, image(alice)))
    for _ in range(6):
        follow()
    job.refresh_from_db()
    key.refresh_from_db()
    assert (job.status, job.error_code, key.state) == ("queued", "paused", "rejected")
    assert provider.requests == []


def test_nothing_is_paid_where_the_key_came_back_before_the_images_were_there(
    provider: Wire, alice: User, key: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = factories.job(alice, **order(alice, image(alice)))
    purge_queue()
    Credential.objects.filter(pk=key.pk).update(state="rejected")
    look = uploading.ready

    def while_the_key_comes_back(seen: Job, credential: Credential) -> bool:
        done = look(seen, credential)
        Credential.objects.filter(pk=key.pk).update(state="ready")
        return done

    monkeypatch.setattr(uploading, "ready", while_the_key_comes_back)
    lifecycle.start(job.pk)
    job.refresh_from_db()
    assert (job.status, job.claims, provider.posts) == ("queued", 0, [])


def test_an_order_with_an_image_nobody_handed_over_is_never_made(alice: User) -> None:
    job = factories.job(alice, **order(alice, image(alice)))
    with pytest.raises(errors.NotAccepted):
        uploading.addresses(job)


# ── Not now ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("status", "code"), [(200, 455), (200, 429), (429, 429)])
def test_not_now_at_the_upload_is_waited_out_however_often(
    provider: Wire, alice: User, status: int, code: int
) -> None:
    provider.answer(status, json=kie.refused(code), path="upload", always=True)
    job = sent(alice, **order(alice, image(alice)))
    for _ in range(8):
        follow()
    job.refresh_from_db()
    assert (job.status, job.hand_count, held(alice)) == ("queued", 0, 60)


def test_retry_after_is_honoured_at_the_upload(provider: Wire, alice: User) -> None:
    wait = {"Retry-After": "777"}
    provider.answer(429, json=kie.refused(429), headers=wait, path="upload")
    job = sent(alice, **order(alice, image(alice)))
    assert 770 < seconds_until_tried(job) < 778
    lifecycle.start(job.pk)
    assert len(provider.posts) == 1


def seconds_until_tried(job: Job) -> float:
    row = Job.objects.annotate(now=Now()).values_list("try_at", "now").get(pk=job.pk)
    return float((row[0] - row[1]).total_seconds())


def test_failed_uploads_are_forgotten_when_the_images_are_there(
    provider: Wire, alice: User, settings: Any
) -> None:
    provider.answer(500, body=b"oops", path="upload", always=True)
    job = sent(alice, **order(alice, image(alice)))
    for _ in range(4):
        follow()
    provider.forget()
    provider.answer(json=uploaded(), path="upload")
    settings.KIE_BASE_URL = "http://127.0.0.1:9"
    follow()
    job.refresh_from_db()
    assert (job.status, job.claims, job.hand_count) == ("queued", 1, 0)


# ── One worker at a time ─────────────────────────────────────────────────────
def test_of_two_workers_that_read_the_same_row_one_begins(alice: User) -> None:
    job = factories.job(alice, **order(alice, image(alice)))
    both = [Job.objects.get(pk=job.pk), Job.objects.get(pk=job.pk)]
    assert [uploading._begin(each) for each in both] == [True, False]


def test_nobody_else_begins_an_upload_that_goes_on(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = factories.job(alice, **order(alice, image(alice)))
    begun: list[int] = []

    def slow(use: JobImage, *_: object) -> None:
        begun.append(use.pk)
        assert not Job.objects.forgotten().exists()
        lifecycle.start(job.pk)
        raise OSError("the line broke off")

    monkeypatch.setattr(uploading, "_upload", slow)
    lifecycle.start(job.pk)
    assert len(begun) == 1


def overtaken(job: Job) -> Job:
    """The job as a worker has it that slept through its turn, after another one took the next."""
    slow, quick = Job.objects.get(pk=job.pk), Job.objects.get(pk=job.pk)
    assert uploading._begin(slow)
    Job.objects.filter(pk=job.pk).update(try_at=clock.after(-1))
    quick.refresh_from_db()
    assert uploading._begin(quick)
    return slow


def test_a_slow_worker_does_not_shorten_the_wait_that_another_was_told(alice: User) -> None:
    job = factories.job(alice, **order(alice, image(alice)))
    slow = overtaken(job)
    # Not counted, so the number of the slow worker's attempt is the latest once more.
    uploading._put_off(Job.objects.get(pk=job.pk), errors.RateLimited(retry_after=600))
    uploading._put_off(slow, OSError("slow"))
    job.refresh_from_db()
    assert seconds_until_tried(job) > 590
    assert job.hand_count == slow.hand_count == 1


def test_a_slow_worker_does_not_fail_a_job_that_another_has_in_hand(alice: User) -> None:
    job = factories.job(alice, **order(alice, image(alice)))
    Job.objects.filter(pk=job.pk).update(hand_count=5)
    uploading._put_off(overtaken(job), OSError("slow"))
    job.refresh_from_db()
    assert (job.status, job.hand_count, held(alice)) == ("queued", 7, 60)


def test_a_slow_worker_does_not_replace_what_another_handed_over(
    provider: Wire, alice: User, key: Credential
) -> None:
    job = factories.job(alice, **order(alice, image(alice)))
    use = JobImage.objects.get(job=job)
    JobImage.objects.update(handed_url="https://tempfile.example/1.jpg", handed_at=Now())
    provider.answer(json=uploaded("late"), path="upload")
    uploading._upload(use, directory.client("kie"), key)
    use.refresh_from_db()
    assert use.handed_url == "https://tempfile.example/1.jpg"


def test_a_job_whose_images_are_all_there_is_never_failed_for_them(
    provider: Wire, alice: User
) -> None:
    job = factories.job(alice, **order(alice, image(alice)))
    Job.objects.filter(pk=job.pk).update(hand_count=5)
    last = Job.objects.get(pk=job.pk)
    assert uploading._begin(last)
    JobImage.objects.update(handed_url="https://tempfile.example/1.jpg", handed_at=Now())
    uploading._put_off(last, OSError("slow"))
    provider.answer(json=kie.accepted(), path="generate")
    follow()
    job.refresh_from_db()
    assert (job.status, job.hand_count) == ("running", 0)


def test_a_job_canceled_during_an_upload_hands_over_no_more(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = factories.job(alice, **order(alice, image(alice, b"first"), image(alice, b"last")))
    begun: list[int] = []

    def canceled(use: JobImage, *_: object) -> None:
        begun.append(use.pk)
        lifecycle.cancel(job, alice)

    monkeypatch.setattr(uploading, "_upload", canceled)
    lifecycle.start(job.pk)
    job.refresh_from_db()
    assert (job.status, len(begun), held(alice)) == ("canceled", 1, 0)


# ── Workers that are killed ──────────────────────────────────────────────────
def test_an_upload_that_kills_each_worker_is_begun_six_times_and_then_fails(
    provider: Wire, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = factories.job(alice, **order(alice, image(alice)))
    begun: list[int] = []

    def killed(use: JobImage, *_: object) -> None:
        begun.append(use.pk)
        raise SystemExit(1)

    monkeypatch.setattr(uploading, "_upload", killed)
    for _ in range(6):
        with pytest.raises(SystemExit):
            lifecycle.start(job.pk)
        lifecycle.start(job.pk)
        Job.objects.update(try_at=clock.after(-1), wake_at=clock.after(-1))
    lifecycle.start(job.pk)
    job.refresh_from_db()
    assert (len(begun), provider.posts) == (6, [])
    assert (job.status, job.error_code, job.charged, held(alice)) == ("failed", "images", 0, 0)


def test_slow_uploads_go_on_in_another_task_and_leave_the_order_its_whole_time(
    provider: Wire, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue ends a task after 90 s, and must not do so in the middle of the paid request."""
    real, passed = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: real() + passed[0])
    upload, spent = uploading._upload, []
    begun = time.monotonic()

    def slow(*args: Any) -> None:
        spent.append(time.monotonic() - begun)
        passed[0] += 20
        upload(*args)

    monkeypatch.setattr(uploading, "_upload", slow)
    provider.answer(json=uploaded(), path="upload", always=True)
    provider.answer(json=kie.accepted(), path="generate")
    three = [image(alice, b"%d" % number) for number in range(3)]
    job = factories.job(alice, **order(alice, *three, mode="references"))
    sent_by_task = []
    for _ in range(3):
        begun, before = time.monotonic(), len(provider.posts)
        lifecycle.start(job.pk)
        sent_by_task.append([Path(seen.path).name for seen in provider.posts[before:]])
    upload_name = "file-stream-upload"
    assert sent_by_task == [[upload_name] * 2, [upload_name], ["generate"]]
    assert max(spent) <= uploading.BEGIN_SECONDS


def test_no_upload_outlives_its_task_and_no_task_its_turn() -> None:
    timeout = settings.Q_CLUSTER["timeout"]
    assert uploading.BEGIN_SECONDS + POST_SECONDS < timeout < uploading.TURN_SECONDS


# ── Other ways and other images ──────────────────────────────────────────────
def test_veo4_gets_an_address_of_ours(provider: Wire, alice: User) -> None:
    provider.answer(json={"task_id": "v1", "status": "queued"}, path="generate")
    sent(alice, **order(alice, image(alice), mode="references", provider="veo4"))
    (url,) = provider.posts[0].json["image_urls"]
    assert url.startswith("https://dailies.example/images/")


def test_veo4_needs_a_public_address_and_says_so(
    provider: Wire, alice: User, settings: Any
) -> None:
    settings.CALLBACK_BASE = ""
    with pytest.raises(lifecycle.NotSubmitted, match="PUBLIC_URL") as refused:
        factories.job(alice, **order(alice, image(alice), mode="references", provider="veo4"))
    assert refused.value.field == "images"
    assert not Job.objects.exists()


def test_the_image_of_somebody_else_is_not_there(alice: User, bob: User) -> None:
    with pytest.raises(lifecycle.NotSubmitted, match="no longer available"):
        factories.job(alice, **order(alice, image(bob)))


def test_4k_from_images_has_a_price_of_its_own(alice: User) -> None:
    job = factories.job(alice, **order(alice, image(alice), model="veo3", resolution="4k"))
    assert job.quote == 370


def test_a_retry_has_the_same_images(provider: Wire, alice: User) -> None:
    first = image(alice)
    provider.answer(json=uploaded(), path="upload")
    provider.answer(json=kie.refused(422, "no"), path="generate")
    job = sent(alice, **order(alice, first))
    again = lifecycle.retry(job, alice)
    assert (again.mode, [use.image for use in again.images.all()]) == ("frames", [first])
