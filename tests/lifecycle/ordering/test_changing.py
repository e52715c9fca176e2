"""Films that words change: what may be one, what that costs, what the provider is sent of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from jobs import ledger, lifecycle
from jobs.archive.intake import source_films
from jobs.models import Image, Job, Rendition, User
from tests.support import factories, kie
from tests.support.answers import omni
from tests.support.answers.callbacks import post
from tests.support.fakes import Wire
from tests.support.media.image_orders import image, uploaded
from tests.support.running import drain_queue, follow
from tests.support.sending import held, sent

pytestmark = [pytest.mark.django_db, pytest.mark.data]

CREATE, RECORD = "/api/v1/jobs/createTask", "/api/v1/jobs/recordInfo"


@pytest.fixture
def video(alice: User) -> Rendition:
    """A finished video of Alice's, eight seconds long, whose file is there."""
    made = factories.film(alice)
    path = Path(settings.MEDIA_ROOT) / made.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a film of ours")
    return made


def change(owner: User, film: Image, *more: Image, **changes: Any) -> dict[str, Any]:
    """The fields of an order that changes this film."""
    return {
        "model": omni.FLASH,
        "mode": "video",
        "duration": 0,
        "image_ids": tuple(str(each.pk) for each in (film, *more)),
        "span_start": 2,
        "span_end": 7,
        **changes,
    }


def wrong(owner: User, **fields: Any) -> list[tuple[str, str]]:
    found = lifecycle.check(owner, factories.submission(**fields))
    return [(problem.field, problem.message) for problem in found]


@pytest.mark.parametrize(("size", "credits"), [("720p", 168), ("360p", 168), ("4k", 252)])
def test_changing_a_film_has_a_price_of_its_own(
    alice: User, video: Rendition, size: str, credits: int
) -> None:
    film = source_films.of_video(alice, video)
    job = factories.job(alice, **change(alice, film, resolution=size))
    assert (job.quote, held(alice), job.span_start, job.span_end) == (credits, credits, 2, 7)


def test_the_film_is_handed_over_and_named_with_its_span(
    provider: Wire, alice: User, video: Rendition
) -> None:
    film, picture = source_films.of_video(alice, video), image(alice, b"a picture")
    provider.answer(json=uploaded("film"), path="upload")
    provider.answer(json=uploaded("picture"), path="upload")
    provider.answer(json=kie.accepted(), path=CREATE)
    job = sent(alice, **change(alice, film, picture))
    assert job.status == "running"
    given = provider.posts[-1].json["input"]
    (named,) = given["video_list"]
    assert (named["start"], named["ends"]) == (2, 7)
    assert named["url"].endswith("film.jpg")
    assert len(given["image_urls"]) == 1
    assert "duration" not in given
    assert b"a film of ours" in provider.posts[0].body


def test_an_order_whose_film_did_not_get_there_is_not_sent_and_costs_nothing(
    provider: Wire, alice: User, video: Rendition
) -> None:
    provider.answer(500, body=b"oops", path="upload", always=True)
    job = sent(alice, **change(alice, source_films.of_video(alice, video)))
    for _ in range(5):
        follow()
    job.refresh_from_db()
    assert (job.status, job.claims, held(alice)) == ("failed", 0, 0)
    assert all("upload" in seen.path for seen in provider.posts)


def test_a_lost_order_is_found_by_what_its_record_repeats_and_never_sent_twice(
    provider: Wire, alice: User, video: Rendition, client: Client
) -> None:
    provider.answer(json=uploaded("film"), path="upload")
    provider.rst(path=CREATE)
    job = sent(alice, **change(alice, source_films.of_video(alice, video)))
    assert job.status == "uncertain"
    post(client, kie.callback_path(provider))
    given = json.loads(json.loads(omni.repeated(job)["param"])["input"])
    # However long the record says that it gets: that was nobody's order.
    param = json.dumps({"input": json.dumps(given | {"duration": "8"}), "model": job.model})
    provider.answer(json=omni.record("generating", param=param), path=RECORD)
    drain_queue()
    job.refresh_from_db()
    assert (job.status, job.external_id) == ("running", "task-1")
    assert sum(seen.path == CREATE for seen in provider.posts) == 1


def test_it_is_settled_to_what_it_consumed(provider: Wire, alice: User, video: Rendition) -> None:
    provider.answer(json=uploaded("film"), path="upload")
    provider.answer(json=kie.accepted(), path=CREATE)
    job = sent(alice, **change(alice, source_films.of_video(alice, video)))
    told = omni.succeeded("https://files.example/a.mp4", creditsConsumed=168)
    provider.answer(json=told, path=RECORD)
    follow()
    job.refresh_from_db()
    assert (job.status, job.charged) == ("succeeded", 168)
    assert ledger.audit() == []


def test_a_film_that_is_deleted_before_it_was_sent_ends_the_order_at_no_cost(
    provider: Wire, alice: User, video: Rendition
) -> None:
    provider.answer(500, body=b"oops", path="upload")
    job = sent(alice, **change(alice, source_films.of_video(alice, video)))
    Job.objects.filter(pk=video.job_id).update(trashed_at=job.created_at, trashed_by=alice)
    follow()
    job.refresh_from_db()
    assert (job.status, job.error_code, held(alice)) == ("failed", "film-gone", 0)
    assert "was deleted before it was sent" in job.error


def test_a_film_that_is_deleted_after_it_was_handed_over_is_not_paid_for(
    provider: Wire, alice: User, video: Rendition
) -> None:
    provider.answer(json=uploaded("film"), path="upload")
    provider.answer(429, json={}, path=CREATE)
    job = sent(alice, **change(alice, source_films.of_video(alice, video)))
    assert job.status == "queued"
    assert job.images.get().handed_url
    Job.objects.filter(pk=video.job_id).update(trashed_at=job.created_at, trashed_by=alice)
    Job.objects.filter(pk=job.pk).update(try_at=job.created_at, wake_at=job.created_at)
    provider.answer(json=kie.accepted(), path=CREATE)
    follow()
    job.refresh_from_db()
    assert (job.status, job.error_code, held(alice)) == ("failed", "film-gone", 0)
    assert sum(seen.path == CREATE for seen in provider.posts) == 1


def test_a_film_in_the_trash_is_not_ordered(alice: User, video: Rendition) -> None:
    film = source_films.of_video(alice, video)
    Job.objects.filter(pk=video.job_id).update(trashed_at="2026-11-01T00:00Z", trashed_by=alice)
    fields = change(alice, film)
    assert wrong(alice, **fields) == [
        ("images", "The video to change was deleted. Restore it from the trash, or choose another.")
    ]
    with pytest.raises(lifecycle.NotSubmitted, match="was deleted"):
        factories.job(alice, **fields)


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"span_end": 9}, "span_end", "8 whole seconds"),
        ({"span_start": 7}, "span_start", "Start before the end"),
        ({"model": "veo3_fast"}, "mode", "offers these modes"),
        ({"mode": "references", "span_start": None, "span_end": None}, "images", "mode Video"),
        ({"duration": 8}, "duration", "offers these lengths"),
    ],
)
def test_what_cannot_be_changed_is_said_at_its_field(
    alice: User, video: Rendition, changes: dict[str, Any], field: str, message: str
) -> None:
    film = source_films.of_video(alice, video)
    if changes.get("mode"):
        changes = {**changes, "duration": 8}
    (found,) = wrong(alice, **change(alice, film, **changes))
    assert found[0] == field
    assert message in found[1]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"seconds": 31}, "31 seconds long. Gemini Omni 1.1 Flash changes videos of up to 30"),
        ({"bytes": 101 * 1024**2}, "use a smaller size of it"),
    ],
)
def test_a_film_beyond_what_the_model_takes_is_told_so(
    alice: User, video: Rendition, facts: dict[str, int], message: str
) -> None:
    film = source_films.of_video(alice, video)
    Image.objects.filter(pk=film.pk).update(**facts)
    ((field, said),) = wrong(alice, **change(alice, film))
    assert field == "images"
    assert message in said


def test_more_than_ten_seconds_are_too_many_at_once(alice: User, video: Rendition) -> None:
    film = source_films.of_video(alice, video)
    Image.objects.filter(pk=film.pk).update(seconds=30)
    ((field, said),) = wrong(alice, **change(alice, film, span_start=0, span_end=11))
    assert (field, "changes up to 10 seconds at a time. End at 10" in said) == ("span_end", True)


def test_beside_a_film_five_references_fit_and_no_second_film(
    alice: User, video: Rendition
) -> None:
    film = source_films.of_video(alice, video)
    pictures = [image(alice) for _ in range(6)]
    assert wrong(alice, **change(alice, film, *pictures[:5])) == []
    ((_, said),) = wrong(alice, **change(alice, film, *pictures))
    assert "5 references at most. Remove 1" in said
    other = source_films.of_video(alice, factories.film(alice, prompt="Another"))
    ((_, said),) = wrong(alice, **change(alice, film, other))
    assert "One video is changed at a time" in said
    ((_, said),) = wrong(alice, **change(alice, pictures[0]))
    assert "Add the video to change" in said


def test_retrying_keeps_the_film_and_its_span(alice: User, video: Rendition) -> None:
    job = factories.job(alice, **change(alice, source_films.of_video(alice, video)))
    lifecycle.cancel(job, alice)
    job.refresh_from_db()
    again = lifecycle.retry(job, alice)
    assert (again.mode, again.span_start, again.span_end) == ("video", 2, 7)
    assert again.images.get().image_id == job.images.get().image_id


def test_another_part_of_the_same_film_is_another_video(alice: User, video: Rendition) -> None:
    film = source_films.of_video(alice, video)
    fields = change(alice, film, seed=7)
    job = factories.job(alice, **fields)
    same = factories.submission(**fields)
    assert same.likeness([film]) == job.likeness
    assert factories.submission(**{**fields, "span_end": 6}).likeness([film]) != job.likeness


@pytest.mark.parametrize(
    "fields",
    [
        {"span_start": None},
        {"span_end": None},
        {"span_start": 7, "span_end": 7},
        {"mode": "text"},
    ],
)
def test_no_row_changes_a_film_without_a_span_or_has_one_without_a_film(
    alice: User, video: Rendition, fields: dict[str, Any]
) -> None:
    job = factories.job(alice, **change(alice, source_films.of_video(alice, video)))
    with pytest.raises(IntegrityError, match="job_changes_a_span"), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**fields)


def test_no_picture_is_without_a_file(alice: User) -> None:
    with pytest.raises(IntegrityError, match="image_picture_has_a_file"), transaction.atomic():
        Image.objects.filter(pk=image(alice).pk).update(file="")
