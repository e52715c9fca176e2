"""What passes for a video, and what is read out of one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from jobs.decoding import film, posters
from jobs.decoding.answers import POSTER_SIDES, CutShort, Facts, NotAFilm
from jobs.decoding.film import examine
from tests.support.media import films, real_films
from tests.support.media.films import FTYP, HTML, box

ZIP = b"PK\x03\x04" + bytes(60)
NO_FILMS = {
    "nothing": b"",
    "one byte": b"\0",
    "html": HTML,
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "zip": ZIP,
    "program": b"MZ" + bytes(200),
    "webm": b"\x1a\x45\xdf\xa3" + bytes(200),
    "the beginning alone": FTYP,
    "the beginning, then html": FTYP + HTML,
    "the beginning, then a zip": FTYP + ZIP,
    "boxes with nothing in them": FTYP + box(b"moov") + box(b"mdat"),
    "boxes with html in them": FTYP + box(b"moov", HTML) + box(b"mdat", HTML),
    "html before the film": HTML + films.film(),
    "a box without an end": FTYP + bytes(4) + b"moov" + HTML,
    "a box of no size": FTYP + b"\0\0\0\x07mdat",
    "boxes without number": FTYP + 30_000 * box(b"free"),
    "an unknown codec": films.film().replace(b"avc1", b"zzzz"),
    "pictures of noise": films.film().replace(b"avcC", b"zzzC"),
}


def examined(content: bytes, folder: Path) -> Facts:
    path = folder / "film.mp4"
    path.write_bytes(content)
    return examine(path, folder / "poster.webp")


@pytest.mark.parametrize("content", NO_FILMS.values(), ids=NO_FILMS)
def test_what_is_no_film_is_turned_away(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(NotAFilm):
        examined(content, tmp_path)


@pytest.mark.parametrize("missing", [1, 100, 900])
def test_a_film_without_its_end_is_noticed_though_it_would_play(
    tmp_path: Path, missing: int
) -> None:
    with pytest.raises(CutShort):
        examined(films.film(index_first=True)[:-missing], tmp_path)


@pytest.mark.parametrize("index_first", [True, False])
def test_the_facts_are_those_of_the_film(tmp_path: Path, index_first: bool) -> None:
    facts = examined(films.film(index_first=index_first), tmp_path)
    assert facts == Facts(films.WIDTH, films.HEIGHT, Decimal("0.500"), "h264", Fraction(24))


@pytest.mark.parametrize("rate", ["24000/1001", "24", "25", "30000/1001", "60", "16"])
def test_the_frame_rate_is_the_exact_one_of_the_film(tmp_path: Path, rate: str) -> None:
    assert examined(films.film(rate=Fraction(rate)), tmp_path).rate == Fraction(rate)


@pytest.mark.parametrize("name", ["a rate that varies", "a late beginning", "sound"])
def test_a_frame_that_is_left_out_makes_no_other_rate(tmp_path: Path, name: str) -> None:
    assert examined(real_films.film(name), tmp_path).rate == Fraction(24)


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (200, 120)])
def test_a_poster_has_smaller_copies_and_none_is_made_larger(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    shown: Any = av.VideoFrame.from_image(Image.new("RGB", size, "teal"))  # type: ignore[no-untyped-call]
    copies = {side: tmp_path / f"{side}.webp" for side in POSTER_SIDES}
    posters.write(shown, tmp_path / "poster.webp", copies)
    for side, path in copies.items():
        with Image.open(path) as copy:
            assert (copy.format, max(copy.size)) == ("WEBP", min(side, max(size)))
            assert copy.width / copy.height == pytest.approx(size[0] / size[1], rel=0.02)


def test_the_poster_is_a_picture_of_the_film(tmp_path: Path) -> None:
    examined(films.film(), tmp_path)
    with Image.open(tmp_path / "poster.webp") as poster:
        assert (poster.format, poster.size) == ("WEBP", (films.WIDTH, films.HEIGHT))


def test_a_film_with_something_behind_it_is_still_a_film(tmp_path: Path) -> None:
    assert examined(films.film() + bytes(3), tmp_path).codec == "h264"


@pytest.mark.parametrize("limit", ["PIXELS_MAX", "SECONDS_MAX"])
def test_a_film_beyond_all_sense_is_turned_away(
    tmp_path: Path, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film, limit, 0)
    with pytest.raises(NotAFilm):
        examined(films.film(), tmp_path)
