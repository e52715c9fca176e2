"""Films that are changed by words: what is taken, what it costs, and what is seen in the result."""

import io
import json
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from jobs.practice import PracticeServer
from jobs.practice.files.fetching import Unfetchable, picture_of
from tests.practice.kie.test_practice_market import create, ended
from tests.practice.test_films import frames
from tests.practice.test_practice_images import RED, colour_at, uploaded
from tests.support.media.films import film
from tests.support.servers.practice_client import Client

FILM, PICTURE = "http://127.0.0.1:9/a.mp4", "http://127.0.0.1:9/a.png"


def span(start: Any = 0, ends: Any = 4, url: str = FILM) -> dict[str, Any]:
    return {"url": url, "start": start, "ends": ends}


def red_film(seconds: int = 4) -> bytes:
    """A film of one color, to be recognized by."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=4)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for _ in range(4 * seconds):
            picture = Image.new("RGB", (320, 180), RED)
            shown = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(
    "given",
    [
        {"video_list": []},
        {"video_list": [span(), span()]},
        {"video_list": span()},
        {"video_list": [{"url": FILM, "start": 0, "end": 4}]},
        {"video_list": [span(url="a.mp4")]},
        {"video_list": [span(4, 4)]},
        {"video_list": [span(0, 11)]},
        {"video_list": [span(0.5, 4)]},
        {"video_list": [span("0", "4")]},
        {"video_list": [span()], "duration": "4"},
        {"video_list": [span()], "first_frame_url": PICTURE},
        {"video_list": [span()], "image_urls": [PICTURE] * 6},
    ],
    ids=lambda given: repr(given)[:60],
)
def test_what_is_no_film_with_a_span_is_refused(
    server: PracticeServer, given: dict[str, Any]
) -> None:
    assert create(server, **given).json["code"] == 422


@pytest.mark.parametrize(("size", "credits"), [("720p", 168), ("4k", 252)])
def test_a_changed_film_costs_the_same_however_long(
    client: Client, size: str, credits: int
) -> None:
    url = uploaded(client, red_film(), "video/mp4")
    answer = create(client.server, video_list=[span(1, 3, url)], resolution=size)
    data = ended(client.server, answer.json["data"]["taskId"])
    assert (data["state"], data["creditsConsumed"]) == ("success", credits)
    given = json.loads(json.loads(data["param"])["input"])
    assert given["video_list"] == [span(1, 3, url)]


def test_the_film_it_changes_shows_through_to_the_end(start: Any, tmp_path: Path) -> None:
    client = start(reuse_films=False)
    url = uploaded(client, red_film(), "video/mp4")
    answer = create(client.server, video_list=[span(1, 4, url)])
    data = ended(client.server, answer.json["data"]["taskId"])
    made = tmp_path / "film.mp4"
    made.write_bytes(client.fetch(json.loads(data["resultJson"])["resultUrls"][0]).body)
    shown = frames(made)
    assert len(shown) == 3 * 2
    (red, green, _), (still_red, *_) = (
        colour_at(each, (640, 100)) for each in (shown[0], shown[-1])
    )
    assert (red > 190, green < 70, still_red > 100) == (True, True, True)
    assert "changed from 1 to 4 s" in client.server.tasks[-1].film.label


@pytest.mark.parametrize("content", [b"", b"<html>", film(seconds=2), film(seconds=31)])
def test_what_is_no_film_or_too_long_or_short_fails_later_and_costs_nothing(
    client: Client, content: bytes
) -> None:
    before = client.credit()
    url = uploaded(client, content, "video/mp4")
    answer = create(client.server, video_list=[span(0, 4, url)])
    data = ended(client.server, answer.json["data"]["taskId"])
    assert (data["state"], client.credit()) == ("fail", before)
    assert data["failMsg"].startswith("Failed to fetch the image.")


def test_its_picture_is_of_the_second_that_was_named() -> None:
    shown = Image.open(io.BytesIO(picture_of(film(seconds=4), 0, 4)))
    assert shown.size == (64, 36)
    with pytest.raises(Unfetchable, match=r"a film of 4\.0 seconds"):
        picture_of(film(seconds=4), 0, 5)
