"""Films decode, have the asked size and length, and differ from each other."""

from array import array
from pathlib import Path
from typing import Any

import av
import pytest
from av.video.frame import VideoFrame
from PIL import Image, ImageChops

from jobs.practice.film import Cancelled, FilmSpec, render, size_of
from jobs.practice.film.lettering import font, readable, wrap
from tests.support.servers.practice_client import Client


def made(folder: Path, caption: str = "A lake", **facts: int) -> Path:
    size: dict[str, Any] = {"width": 1280, "height": 720, "seconds": 1, "fps": 4, **facts}
    render(FilmSpec(caption, "PRACTICE", **size), folder / "film.mp4", folder / "film.jpg")
    return folder / "film.mp4"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("film"))


def _picture(frame: VideoFrame) -> Image.Image:
    pixels = frame.reformat(format="rgb24").planes[0]
    data, stride = bytes(pixels), pixels.line_size
    return Image.frombytes("RGB", (frame.width, frame.height), data, "raw", "RGB", stride)


def frames(film: Path) -> list[Image.Image]:
    with av.open(str(film)) as container:
        return [_picture(frame) for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("resolution", "ratio", "size"),
    [
        ("720p", "16:9", (1280, 720)),
        ("720p", "9:16", (720, 1280)),
        ("720p", "1:1", (720, 720)),
        ("1080p", "9:16", (1080, 1920)),
        ("4k", "Auto", (3840, 2160)),
    ],
)
def test_sizes_follow_resolution_and_ratio(
    resolution: str, ratio: str, size: tuple[int, int]
) -> None:
    assert size_of(resolution, ratio) == size


@pytest.mark.parametrize(
    ("resolution", "ratio"),
    [("720p", "16:9"), ("720p", "9:16"), ("720p", "1:1"), ("1080p", "9:16"), ("4k", "16:9")],
)
def test_a_film_decodes_with_the_asked_size_length_and_sound(
    tmp_path: Path, resolution: str, ratio: str
) -> None:
    width, height = size_of(resolution, ratio)
    film = made(tmp_path, width=width, height=height, fps=2)
    with av.open(str(film)) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert video.codec_context.pix_fmt == "yuv420p"
        assert container.duration == 1_000_000
        decoded = list(container.decode(video=0))
    assert {(frame.width, frame.height) for frame in decoded} == {(width, height)}
    assert len(decoded) == 2
    with Image.open(tmp_path / "film.jpg") as poster:
        assert (poster.format, poster.size) == ("JPEG", (width, height))


def test_the_index_stands_before_the_pictures(film: Path) -> None:
    data = film.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_a_film_moves(film: Path) -> None:
    first, *_, last = frames(film)
    assert ImageChops.difference(first, last).getbbox() is not None


def test_a_film_is_heard(film: Path) -> None:
    with av.open(str(film)) as container:
        samples = array("f")
        for frame in container.decode(audio=0):
            samples.frombytes(bytes(frame.planes[0]))
    assert 0.02 < max(samples) < 0.5


def test_the_poster_shows_the_film(film: Path) -> None:
    with Image.open(film.with_suffix(".jpg")) as poster:
        difference = ImageChops.difference(poster.convert("RGB"), frames(film)[1])
    assert max(difference.convert("L").resize((64, 36)).tobytes()) < 40


def test_the_same_spec_gives_the_same_film_and_another_prompt_another(tmp_path: Path) -> None:
    one, again, other = (
        made(tmp_path, caption).read_bytes() for caption in ("A lake", "A lake", "A hill")
    )
    assert one == again
    assert one != other


@pytest.mark.parametrize("caption", ["", "x" * 5000, "日本 🎬 \x00 \u202e", "é " * 400])
def test_any_prompt_can_be_drawn(tmp_path: Path, caption: str) -> None:
    assert made(tmp_path, caption, width=720).stat().st_size > 1000


def test_letters_without_a_picture_become_plain_or_an_ellipsis() -> None:
    assert readable("  Am\u00e9lie\n in \u65e5\u672c ", font(20)) == "Amelie in \u2026"


def test_long_captions_are_cut_to_four_lines() -> None:
    lines = wrap("word " * 300, font(20), 300)
    assert len(lines) == 4
    assert lines[-1].endswith("\u2026")


def test_rendering_stops_when_told(tmp_path: Path) -> None:
    spec = FilmSpec("A lake", "", 1280, 720)
    with pytest.raises(Cancelled):
        render(spec, tmp_path / "film.mp4", tmp_path / "film.jpg", lambda: True)


@pytest.mark.parametrize(("ratio", "size"), [("16:9", (1280, 720)), ("1:1", (720, 720))])
def test_veo4_delivers_the_film_that_was_asked_for(
    client: Client, tmp_path: Path, ratio: str, size: tuple[int, int]
) -> None:
    task_id = client.veo4(aspect_ratio=ratio).json["task_id"]
    client.wait(task_id)
    film = tmp_path / "film.mp4"
    film.write_bytes(client.fetch(client.status(task_id).json["video_url"]).body)
    with av.open(str(film)) as container:
        video = container.streams.video[0]
        assert (video.width, video.height, container.duration) == (*size, 8_000_000)


def test_kie_delivers_the_film_that_was_asked_for(client: Client, tmp_path: Path) -> None:
    record = client.ended(client.made(aspect_ratio="9:16", duration=6, resolution="720p"))
    film = tmp_path / "film.mp4"
    film.write_bytes(client.fetch(record["response"]["resultUrls"][0]).body)
    with av.open(str(film)) as container:
        video = container.streams.video[0]
        assert (video.width, video.height, container.duration) == (720, 1280, 6_000_000)
        assert len(container.streams.audio) == 1
