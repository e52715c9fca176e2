"""Images reach the provider before anything is claimed or paid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from jobs import clock, lifecycle
from jobs.models import Image, Job, JobImage, User
from tests import factories, kie
from tests.fakes import Wire
from tests.lifecycle.test_sending import held, sent
from tests.running import follow

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def image(owner: User, content: bytes = b"\xff\xd8 a picture") -> Image:
    """A stored image, as `archive.images` leaves one behind."""
    made = Image(owner=owner, origin="upload", content_type="image/jpeg", width=64, height=64)
    made.file = f"images/{made.pk}.jpg"
    made.bytes, made.sha256 = len(content), "0" * 64
    path = Path(settings.MEDIA_ROOT) / made.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    made.save(force_insert=True)
    return made


def uploaded(name: str = "1") -> dict[str, Any]:
    url = f"https://tempfile.redpandaai.co/{name}.jpg"
    return {"success": True, "code": 200, "msg": "ok", "data": {"downloadUrl": url}}


def order(owner: User, *images: Image, mode: str = "frames", **changes: Any) -> dict[str, Any]:
    return {"mode": mode, "image_ids": tuple(str(each.pk) for each in images), **changes}


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
    assert "could not be handed over yet" in job.error
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
    assert (job.status, job.error_code) == ("queued", "paused")


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
    with pytest.raises(lifecycle.NotSubmitted, match="not there any more"):
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
