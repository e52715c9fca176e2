"""The composer's mode in which words change a film: bringing one, picking one, and its span."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jobs import lifecycle
from jobs.archive.intake import source_films
from jobs.models import Image, Job, Project, Rendition, User
from tests.support import factories
from tests.support.answers import omni
from tests.support.media.films import film
from tests.support.typed_forms import HTMX, composer, errors, text
from tests.views.studio.composer.test_composer_images import image, in_form, status

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob_client(bob: User) -> Client:
    return factories.signed_in(bob)


def upload(name: str = "cut.mp4", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or film(seconds=3), "video/mp4")


def changing(*images: Image, **changes: Any) -> dict[str, Any]:
    """The form in which this film is changed."""
    chosen = [str(each.pk) for each in images]
    return composer(model=omni.FLASH, mode="video", images=chosen, **changes)


@pytest.fixture
def video(alice: User) -> Rendition:
    return factories.film(alice, prompt="A heron lands", aspect_ratio="9:16")


def test_an_uploaded_film_comes_back_as_its_tile(alice_client: Client) -> None:
    answer = alice_client.post("/images/", {"files": upload(), "mode": "video"}, headers=HTMX)
    kept = Image.objects.get()
    page = answer.content.decode()
    assert (answer.status_code, kept.is_film) == (200, True)
    assert f'src="/images/{kept.pk}.mp4"' in page
    assert 'data-seconds="3"' in page
    assert "Video to change" in page


def test_a_film_that_cannot_be_read_is_named_with_the_reason(alice_client: Client) -> None:
    sent = {"files": upload("cut.mp4", b"no film"), "mode": "video"}
    answer = alice_client.post("/images/", sent, headers=HTMX)
    assert answer.status_code == 422
    assert "cut.mp4: This is not a video that can be read. Save it as MP4 first." in text(answer)


@pytest.mark.data
def test_the_whole_form_works_without_a_script(alice_client: Client, alice: User) -> None:
    typed = composer(model=omni.FLASH, mode="video", prompt="Make it night", files=upload())
    answer = alice_client.post("/", typed)
    assert answer.status_code == 302
    job = Job.objects.get()
    assert (job.mode, job.duration, job.span_start, job.span_end) == ("video", 0, 0, 3)
    assert (job.quote, job.images.get().image.is_film) == (168, True)


def test_what_was_typed_and_uploaded_comes_back_with_what_is_wrong(alice_client: Client) -> None:
    typed = composer(model=omni.FLASH, mode="video", prompt="Night", files=upload(), span_end="9")
    answer: Any = alice_client.post("/", typed)
    form = answer.context["form"]
    assert errors(answer, "span_end") == "This video has 3 whole seconds. End at 3."
    assert in_form(answer) == [str(Image.objects.get().pk)]
    assert (form["prompt"].value(), form.shown_span) == ("Night", (0, "9"))
    assert not Job.objects.exists()


@pytest.mark.parametrize("typed", ["soon", "-1", "2.5", "1e2"])
def test_what_is_no_second_is_said_at_its_field(
    alice_client: Client, alice: User, video: Rendition, typed: str
) -> None:
    answer = alice_client.post("/", changing(source_films.of_video(alice, video), span_start=typed))
    assert set(answer.context["form"].errors) == {"span_start"}


@pytest.mark.data
def test_changing_a_video_begins_on_its_page_with_the_composer_filled_in(
    alice_client: Client, alice: User, video: Rendition
) -> None:
    page = text(alice_client.get(f"/jobs/{video.job_id}/"))
    assert "Change by words" in page
    Rendition.objects.update(width=720, height=1280)
    answer = alice_client.post("/images/", {"film": str(video.pk)}, follow=True)
    form = answer.context["form"]
    assert form["aspect_ratio"].value() == "9:16"
    assert form.chosen["mode"] == "video"
    assert form.chosen["model"] == omni.FLASH
    assert form.film.rendition_id == video.pk
    assert form.shown_span == (0, 8)
    assert answer.context["cost"] == 168


@pytest.mark.data
def test_a_colleagues_video_of_a_project_may_be_changed_and_no_other(
    bob_client: Client, alice: User, video: Rendition
) -> None:
    asked = bob_client.post("/images/", {"film": str(video.pk)}, headers=HTMX)
    assert (asked.status_code, Image.objects.count()) == (422, 0)
    Job.objects.update(project=Project.objects.create(name="Herons"))
    bob_client.post("/images/", {"film": str(video.pk)}, headers=HTMX)
    assert Image.objects.get().rendition_id == video.pk


@pytest.mark.data
def test_a_video_that_was_taken_out_of_its_project_is_not_given_on_nor_changed(
    bob_client: Client, bob: User, alice: User, video: Rendition
) -> None:
    Path(settings.MEDIA_ROOT, video.file).parent.mkdir(parents=True, exist_ok=True)
    Path(settings.MEDIA_ROOT, video.file).write_bytes(b"a film")
    made = source_films.of_video(bob, video)
    path = f"/images/{made.pk}.mp4"
    Job.objects.update(project=Project.objects.create(name="Herons"))
    assert status(bob_client, path) == 200
    Job.objects.update(project=None)
    assert status(bob_client, path) == 404
    assert lifecycle.IMAGE_GONE in errors(bob_client.post("/", changing(made)), "images")
    assert not bob.jobs.exists()


@pytest.mark.data
def test_another_film_takes_the_place_of_the_first(
    alice_client: Client, alice: User, video: Rendition
) -> None:
    first, picture = source_films.of_video(alice, video), image(alice)
    typed = changing(first, picture, arrange="add", files=upload())
    shown = in_form(alice_client.post("/", typed))
    assert len(shown) == 2
    assert str(first.pk) not in shown
    assert shown[1] == str(picture.pk)


@pytest.mark.data
def test_picking_a_video_without_a_script_changes_the_mode(
    alice_client: Client, alice: User, video: Rendition
) -> None:
    typed = composer(model=omni.FLASH, mode="references", images=[str(image(alice).pk)])
    listed = text(alice_client.post("/", {**typed, "pick": "1"}))
    assert "Change it" in listed
    answer: Any = alice_client.post("/", {**typed, "film": str(video.pk)})
    form = answer.context["form"]
    assert (answer.status_code, form.chosen["mode"], len(form.thumbs)) == (200, "video", 2)
    assert form.film is not None
    assert [thumb.label for thumb in form.thumbs] == ["Video to change", "Reference 1"]


def test_making_another_keeps_the_film_and_its_span(
    alice_client: Client, alice: User, video: Rendition
) -> None:
    made = source_films.of_video(alice, video)
    alice_client.post("/", changing(made, prompt="Night", span_start="1", span_end="4"))
    job = Job.objects.get(mode="video")
    form = alice_client.get(f"/?from={job.pk}").context["form"]
    assert (form.film, form.shown_span, form.chosen["mode"]) == (made, ("1", "4"), "video")


def test_only_who_may_see_the_job_is_given_the_film(
    alice_client: Client, bob_client: Client, alice: User
) -> None:
    kept = source_films.add(alice, film(seconds=2))
    path = f"/images/{kept.pk}.mp4"
    assert (status(alice_client, path), status(bob_client, path)) == (200, 404)
    alice_client.post("/", changing(kept, prompt="Night"))
    assert status(bob_client, path) == 404
    Job.objects.update(project=Project.objects.create(name="Herons"))
    assert status(bob_client, path) == 200


@pytest.mark.data
def test_both_pages_tell_what_came_of_what(
    alice_client: Client, alice: User, video: Rendition
) -> None:
    made = source_films.of_video(alice, video)
    alice_client.post("/", changing(made, prompt="Make it night", span_end="5"))
    job = Job.objects.get(mode="video")
    page = text(alice_client.get(f"/jobs/{job.pk}/"))
    assert "Changed from A heron lands 0 to 5 s" in page
    assert "Changed from a video" in text(alice_client.get("/"))
    assert "Make it night" in text(alice_client.get(f"/jobs/{video.job_id}/"))
    Job.objects.filter(pk=video.job_id).update(trashed_at=job.created_at, trashed_by=alice)
    assert "Changed from A video that was deleted" in text(alice_client.get(f"/jobs/{job.pk}/"))


@pytest.mark.data
def test_changed_videos_are_found_in_the_library(
    alice_client: Client, alice: User, video: Rendition
) -> None:
    alice_client.post("/", changing(source_films.of_video(alice, video), prompt="Make it night"))
    page = text(alice_client.get("/library/?made=video"))
    assert "Make it night" in page
    assert "A heron lands" not in page
