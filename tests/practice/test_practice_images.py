"""Images that a film starts from: fetched later, checked by what they are, and seen in the film."""

import io
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from jobs.practice.files.fetching import Unfetchable, fetch, picture_size
from jobs.practice.film import FilmSpec, render
from tests.practice.test_films import frames
from tests.support.servers.practice_client import Client, Inbox

RED = (230, 30, 30)


def picture(form: str = "PNG", size: tuple[int, int] = (320, 180)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, RED).save(file, form)
    return file.getvalue()


def uploaded(client: Client, content: bytes, kind: str = "image/png") -> str:
    return str(client.upload(content, kind=kind).json["data"]["downloadUrl"])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_an_image_that_can_be_fetched_becomes_a_film(client: Client, form: str) -> None:
    record = client.ended(client.made(imageUrls=[uploaded(client, picture(form))]))
    assert record["successFlag"] == 1


def test_a_film_begins_with_its_image_and_leaves_it(tmp_path: Path) -> None:
    image = tmp_path / "image"
    image.write_bytes(picture())
    spec = FilmSpec("A lake", "PRACTICE", 640, 360, seconds=2, fps=4)
    render(spec, tmp_path / "film.mp4", tmp_path / "film.jpg", opening=image)
    first, *_, last = frames(tmp_path / "film.mp4")
    place = (320, 60)
    assert all(abs(a - b) < 25 for a, b in zip(colour_at(first, place), RED, strict=True))
    assert any(abs(a - b) > 40 for a, b in zip(colour_at(last, place), RED, strict=True))


def colour_at(frame: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    found = frame.getpixel(place)
    assert isinstance(found, tuple)
    return found


def test_the_film_that_is_delivered_begins_with_the_image(start: Any, tmp_path: Path) -> None:
    client = start(reuse_films=False)
    task_id = client.made(imageUrls=[uploaded(client, picture())], duration=4)
    film = tmp_path / "film.mp4"
    film.write_bytes(client.fetch(client.ended(task_id)["response"]["resultUrls"][0]).body)
    red, green, _ = colour_at(frames(film)[0], (640, 100))
    assert (red > 190, green < 70) == (True, True)
    assert "from 1 image" in client.server.tasks[0].film.label


def test_the_ratio_auto_follows_the_image(client: Client, tmp_path: Path) -> None:
    url = uploaded(client, picture(size=(180, 320)))
    record = client.ended(client.made(imageUrls=[url], aspect_ratio="Auto", duration=4))
    film = tmp_path / "film.mp4"
    film.write_bytes(client.fetch(record["response"]["resultUrls"][0]).body)
    with av.open(str(film)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (720, 1280)


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"GIF89a", picture()[:60], b"%PDF-1.4", b"RIFF1234WEBP"]
)
def test_what_is_no_picture_is_accepted_at_first_and_fails_later(
    client: Client, content: bytes
) -> None:
    before = client.credit()
    task_id = client.made(imageUrls=[uploaded(client, content)])
    record = client.ended(task_id)
    assert (record["successFlag"], record["errorCode"]) == (3, 400)
    assert record["errorMessage"].startswith("Failed to fetch the image.")
    assert client.credit() == before


def test_an_address_that_nobody_answers_fails_the_task_and_calls_back(client: Client) -> None:
    with Inbox() as inbox:
        client.made(imageUrls=["http://127.0.0.1:1/a.png"], callBackUrl=inbox.url)
        body = inbox.wait()[0].json
    assert (body["code"], body["msg"][:26]) == (400, "Failed to fetch the image.")


def test_a_running_task_does_not_tell_yet_that_its_image_failed(client: Client) -> None:
    task_id = client.made("x [[seconds=60]]", imageUrls=["http://127.0.0.1:1/a.png"])
    task = client.server.tasks[-1]
    assert client.server.wait_until(lambda: task.trouble is not None)
    assert client.record(task_id).json["data"]["successFlag"] == 0


def test_veo4_fetches_its_images_too(client: Client) -> None:
    good = client.veo4(image_urls=[uploaded(client, picture())]).json["task_id"]
    bad = client.veo4(image_urls=[uploaded(client, b"no")]).json["task_id"]
    for task_id, word in ((good, "succeeded"), (bad, "failed")):
        client.wait(task_id)
        assert client.status(task_id).json["status"] == word


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "ftp://127.0.0.1/", "http://", "http:///x"]
)
def test_only_the_web_is_fetched_from(url: str) -> None:
    with pytest.raises(Unfetchable):
        fetch(url)


def test_redirects_are_not_followed_and_short_files_not_believed(client: Client) -> None:
    for tag in ("redirect-file", "short-file", "gone-file"):
        record = client.ended(client.made(f"A lake [[{tag}]]", duration=4))
        with pytest.raises(Unfetchable):
            fetch(record["response"]["resultUrls"][0])


def test_a_file_without_end_is_given_up(client: Client) -> None:
    record = client.ended(client.made("A lake [[endless-file]]", duration=4))
    with pytest.raises(Unfetchable, match="too large"):
        fetch(record["response"]["resultUrls"][0])


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    file = io.BytesIO()
    Image.new("1", (10_000, 9_500)).save(file, "PNG")
    with pytest.raises(Unfetchable):
        picture_size(file.getvalue())
