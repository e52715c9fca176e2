"""What is drawn into the copies of films and posters, and what stays as it was."""

from __future__ import annotations

import errno
import resource
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from jobs.decoding.answers import NotAFilm
from jobs.decoding.film import frame_at
from jobs.decoding.watermark import draw, draw_on_picture
from jobs.machine import disk
from tests.support.media import films
from tests.support.media.films import FTYP, HTML, box

TEXT = "Prüfkopie · Ågé"
LONGEST = 40 * "W"
WIDE, TALL = (640, 360), (360, 640)
GREY = (128, 128, 128)
RATE, HEARD = 24, 44_100
NO_FILMS = {
    "nothing": b"",
    "html": HTML,
    "boxes with nothing in them": FTYP + box(b"moov") + box(b"mdat"),
    "an unknown codec": films.film().replace(b"avc1", b"zzzz"),
    "a film without its end": films.film(index_first=True)[:-1],
    "pictures of noise": films.film().replace(b"avcC", b"zzzC"),
}
Box = tuple[int, int, int, int]
Work = Callable[[Path, Path, str], None]


def make(
    path: Path,
    size: tuple[int, int] = WIDE,
    colour: tuple[int, int, int] = GREY,
    sound: Literal["aac", "pcm_mulaw"] | None = None,
    pixels: str = "yuv420p",
    kind: str = "mp4",
) -> Path:
    """Half a second of one colour, with words beside the film that are nobody's business."""
    with av.open(str(path), "w", format=kind) as container:
        container.metadata["comment"] = "made for Mallory"
        video = container.add_stream("libx264", RATE, {"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = *size, pixels
        audio = container.add_stream(sound, HEARD, layout="stereo") if sound else None
        picture = Image.new("RGB", size, colour)
        for number in range(RATE // 2):
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            container.mux(video.encode(frame))
            if audio:
                container.mux(audio.encode(noise(number)))
        container.mux(video.encode(None))
        if audio:
            container.mux(audio.encode(None))
    return path


def noise(number: int) -> av.AudioFrame:
    samples = HEARD // RATE
    frame = av.AudioFrame("s16", "stereo", samples)
    frame.planes[0].update(bytes((7 * at * at) % 251 for at in range(frame.planes[0].buffer_size)))
    frame.sample_rate, frame.time_base = HEARD, Fraction(1, HEARD)
    frame.pts = number * samples
    return frame


def pictures(path: Path) -> list[Image.Image]:
    with av.open(str(path)) as container:
        return [frame.to_image() for frame in container.decode(video=0)]  # type: ignore[no-untyped-call]


def changed(before: Image.Image, after: Image.Image) -> Box | None:
    """Where the two differ by more than a codec's noise."""
    difference = ImageChops.difference(before.convert("L"), after.convert("L"))
    return difference.point(lambda value: 255 * (value > 12)).getbbox()


def test_every_picture_changes_in_its_lower_right_corner_alone(tmp_path: Path) -> None:
    source, target = make(tmp_path / "a.mp4"), tmp_path / "b.mp4"
    draw(source, target, TEXT)
    width, height = WIDE
    for before, after in zip(pictures(source), pictures(target), strict=True):
        area = changed(before, after)
        assert area is not None
        left, top, right, bottom = area
        assert left > 0.6 * width
        assert top > 0.9 * height
        assert 0.97 * width < right < width
        assert 0.97 * height < bottom < height


@pytest.mark.parametrize("colour", [(16, 16, 16), GREY, (250, 250, 250)])
def test_the_text_reads_on_dark_and_light_pictures_and_lets_them_through(
    tmp_path: Path, colour: tuple[int, int, int]
) -> None:
    source, target = make(tmp_path / "a.mp4", colour=colour), tmp_path / "b.mp4"
    draw(source, target, TEXT)
    before, after = frame_at(source, 0), frame_at(target, 0)
    area = changed(before, after)
    assert area is not None
    lowest, highest = after.convert("L").crop(area).getextrema()
    assert highest - lowest > 60  # type: ignore[operator]
    mean = ImageStat.Stat(after.convert("L").crop(area)).mean[0]
    assert abs(mean - colour[0]) < 60


@pytest.mark.parametrize("size", [WIDE, TALL])
def test_the_longest_text_fits(tmp_path: Path, size: tuple[int, int]) -> None:
    source, target = make(tmp_path / "a.mp4", size), tmp_path / "b.mp4"
    draw(source, target, LONGEST)
    area = changed(frame_at(source, 0), frame_at(target, 0))
    assert area is not None
    assert 0.5 * size[0] < area[2] - area[0] <= 0.6 * size[0]
    assert area[2] < size[0]


@pytest.mark.parametrize("text", ["two\nlines", "\u2029", " ", "1", "字"])
def test_no_text_keeps_a_film_from_being_copied(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.mp4").write_bytes(films.film())
    draw(tmp_path / "a.mp4", tmp_path / "b.mp4", text)
    assert len(pictures(tmp_path / "b.mp4")) == 12


def test_size_rate_and_moments_stay_and_the_sound_is_the_same_bytes(tmp_path: Path) -> None:
    source, target = make(tmp_path / "a.mp4", sound="aac"), tmp_path / "b.mp4"
    draw(source, target, TEXT)

    def facts(path: Path) -> list[object]:
        with av.open(str(path)) as container:
            video, audio = container.streams.video[0], container.streams.audio[0]
            packets = [(packet.pts, bytes(packet)) for packet in container.demux(audio)]
            container.seek(0)
            moments = [frame.time for frame in container.decode(video)]
            form = (video.width, video.height, video.pix_fmt, video.codec_context.name)
            return [*form, video.average_rate, video.duration, audio.duration, moments, packets]

    assert facts(target) == facts(source)


def test_a_sound_that_no_mp4_holds_is_encoded_anew(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mov", sound="pcm_mulaw", kind="mov")
    draw(source, tmp_path / "b.mp4", TEXT)
    with av.open(str(tmp_path / "b.mp4")) as container:
        audio = container.streams.audio[0]
        heard = sum(frame.samples for frame in container.decode(audio))
        assert audio.codec_context.name == "aac"
    assert heard == pytest.approx(HEARD / 2, abs=2048)


@pytest.mark.parametrize(
    ("pixels", "size"), [("yuv420p10le", WIDE), ("yuvj420p", WIDE), ("yuv444p", (641, 361))]
)
def test_other_ways_to_store_a_picture_become_the_one_that_browsers_show(
    tmp_path: Path, pixels: str, size: tuple[int, int]
) -> None:
    source, target = make(tmp_path / "a.mp4", size, (200, 60, 90), pixels=pixels), tmp_path / "b"
    draw(source, target, TEXT)
    before, after = frame_at(source, 0), frame_at(target, 0)
    assert after.size == WIDE
    for ours, theirs in zip(after.getpixel((9, 9)), before.getpixel((9, 9)), strict=True):  # type: ignore[arg-type]
        assert ours == pytest.approx(theirs, abs=4)


def test_a_copy_plays_before_all_of_it_is_loaded_and_tells_nothing_more(tmp_path: Path) -> None:
    source, target = make(tmp_path / "a.mp4", sound="aac"), tmp_path / "b.mp4"
    draw(source, target, TEXT)
    content = target.read_bytes()
    assert b"Mallory" in source.read_bytes()
    assert b"Mallory" not in content
    assert 0 < content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize("content", NO_FILMS.values(), ids=NO_FILMS)
@pytest.mark.parametrize("work", [draw, draw_on_picture])
def test_what_cannot_be_read_leaves_nothing_and_takes_nothing(
    tmp_path: Path, content: bytes, work: Work
) -> None:
    (tmp_path / "a").write_bytes(content)
    (tmp_path / "b").write_bytes(b"the copy before")
    for target in (tmp_path / "b", tmp_path / "c"):
        with pytest.raises(NotAFilm):
            work(tmp_path / "a", target, TEXT)
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}
    assert (tmp_path / "b").read_bytes() == b"the copy before"


@pytest.mark.parametrize("work", [draw, draw_on_picture])
def test_a_copy_is_replaced_only_by_a_whole_one(
    tmp_path: Path, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    if work is draw:
        make(source)
    else:
        Image.new("RGB", WIDE, GREY).save(source, "WEBP")
    target.write_bytes(b"the copy before")

    def full(path: Path) -> None:
        assert path.stat().st_size > 0
        assert target.read_bytes() == b"the copy before"
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk, "sync", full)
    with pytest.raises(OSError, match="No space left"):
        work(source, target, TEXT)
    monkeypatch.undo()
    assert target.read_bytes() == b"the copy before"
    work(source, target, TEXT)
    assert target.read_bytes() != b"the copy before"
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}


def test_a_disk_that_takes_no_more_is_no_fault_of_the_film(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            draw(source, tmp_path / "b.mp4", TEXT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with pytest.raises(FileNotFoundError):
        draw(source, tmp_path / "nowhere" / "b.mp4", TEXT)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_a_poster_is_marked_where_its_film_is(tmp_path: Path) -> None:
    film, small = make(tmp_path / "a.mp4", (1280, 720)), Image.new("RGB", WIDE, GREY)
    small.save(tmp_path / "a.webp", icc_profile=b"made for Mallory")
    draw(film, tmp_path / "b.mp4", TEXT)
    draw_on_picture(tmp_path / "a.webp", tmp_path / "b.webp", TEXT)
    with Image.open(tmp_path / "b.webp") as poster:
        assert (poster.format, poster.size) == ("WEBP", WIDE)
        on_poster = changed(small, poster.convert("RGB"))
    on_film = changed(frame_at(film, 0), frame_at(tmp_path / "b.mp4", 0))
    assert on_poster is not None
    assert on_film is not None
    assert [2 * side for side in on_poster] == pytest.approx(on_film, abs=6)
    assert b"Mallory" in (tmp_path / "a.webp").read_bytes()
    assert b"Mallory" not in (tmp_path / "b.webp").read_bytes()
