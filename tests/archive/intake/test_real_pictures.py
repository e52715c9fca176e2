"""What phones, cameras, editors and browsers make: taken as people see it, or refused in words."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from jobs.archive import NotAnImage
from jobs.decoding.answers import Picture
from jobs.decoding.pictures import encoding, reading
from tests.support.media.pictures import ORIENTATION
from tests.support.media.pictures import picture as drawn
from tests.support.media.real_pictures import REFUSED, TAKEN, Real, cut_out, detailed, motion_photo


def shown(made: Picture) -> Image.Image:
    return Image.open(io.BytesIO(made.content))


def refusal(content: bytes) -> str:
    with pytest.raises(NotAnImage) as caught:
        reading.read(content)
    return caught.value.user_message


def difference(one: Image.Image, other: Image.Image) -> float:
    """How far the colours of two pictures are apart on average, of 255."""
    means: list[float] = ImageStat.Stat(ImageChops.difference(one, other)).mean
    return max(means)


# ── Each kind ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("real", TAKEN.values(), ids=TAKEN)
def test_every_kind_of_picture_keeps_the_colours_that_people_saw(real: Real) -> None:
    made = reading.read(real.make())
    assert (made.content_type, (made.width, made.height)) == (real.content_type, real.size)
    colour: Any = shown(made).getpixel((real.size[0] * 3 // 4, real.size[1] // 4))
    assert colour == pytest.approx(real.colour, abs=4)
    assert b"ICC_PROFILE" not in made.content
    assert b"iCCP" not in made.content


@pytest.mark.parametrize(("make", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_taken_is_said_with_the_way_out(make: Any, sentence: str) -> None:
    assert sentence in refusal(make())


# ── Behind the still, and without its end ────────────────────────────────────
def test_a_photo_is_taken_whatever_stands_behind_its_end() -> None:
    still = detailed(progressive=True)
    alone = reading.read(still)
    assert reading.read(motion_photo(still, 30 * 1024**2)) == alone
    assert reading.read(still + b"\xff\xda\0\x0c\x03" * 500 + still) == alone


def whole(progressive: bool, subsampling: int) -> bytes:
    return detailed(progressive=progressive, subsampling=subsampling, restart_marker_rows=4)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", [0, 2])
@pytest.mark.parametrize("missing", [1, 2, 3, 30])
def test_a_photo_that_lacks_its_last_bytes_is_taken(
    progressive: bool, subsampling: int, missing: int
) -> None:
    content = whole(progressive, subsampling)
    made, complete = reading.read(content[:-missing]), reading.read(content)
    assert (made.width, made.height) == (complete.width, complete.height)
    assert difference(shown(made), shown(complete)) < 2


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.75, 0.85])
def test_a_photo_of_which_a_part_never_came_is_refused(progressive: bool, share: float) -> None:
    content = whole(progressive, 2)
    assert "its end is missing" in refusal(content[: int(share * len(content))])


@pytest.mark.parametrize("rows", [1, 3])
def test_so_is_one_that_ends_between_two_of_its_sections(rows: int) -> None:
    content = detailed(restart_marker_rows=rows)
    sections = [found.start() for found in re.finditer(rb"\xff[\xd0-\xd7]", content)]
    assert len(sections) == -(-15 // rows) - 1
    for at in sections[: -2 if rows == 1 else None]:
        for end in (at, at + 1, at + 2):
            assert "its end is missing" in refusal(content[:end])


def test_what_came_of_a_photo_is_told_by_its_rows_and_not_by_its_colours() -> None:
    grey = drawn(size=(640, 480), colour=(128, 128, 128), quality=95)
    assert reading.read(grey[:-2]).height == 480
    assert "its end is missing" in refusal(grey[: len(grey) - 300])


# ── How heavy, and how large ─────────────────────────────────────────────────
def test_a_cut_out_that_is_too_heavy_becomes_lighter_and_looks_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = cut_out()
    as_it_is = reading.read(content)
    monkeypatch.setattr(encoding, "MADE_BYTES_MAX", len(as_it_is.content) // 2)
    lighter = reading.read(content)
    assert len(lighter.content) <= len(as_it_is.content) // 2
    assert (lighter.width, lighter.height) == (as_it_is.width, as_it_is.height)
    assert shown(lighter).getchannel("A").tobytes() == shown(as_it_is).getchannel("A").tobytes()
    for behind in ("white", "black"):
        assert difference(on(behind, as_it_is), on(behind, lighter)) < 3


def on(colour: str, made: Picture) -> Image.Image:
    """As it looks on a page of this colour."""
    page = Image.new("RGBA", (made.width, made.height), colour)
    return Image.alpha_composite(page, shown(made).convert("RGBA")).convert("RGB")


@pytest.mark.parametrize("make", [cut_out, detailed])
@pytest.mark.parametrize("most", [60_000, 9000, 3000])
def test_no_picture_of_ours_is_heavier_than_the_most(
    monkeypatch: pytest.MonkeyPatch, make: Any, most: int
) -> None:
    monkeypatch.setattr(encoding, "MADE_BYTES_MAX", most)
    made = reading.read(make())
    assert len(made.content) <= most
    assert made.width / made.height == pytest.approx(4 / 3, abs=0.05)


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ((8000, 70), "too narrow (8000 × 70 pixels)"),
        ((70, 8000), "too narrow (70 × 8000 pixels)"),
        ((5000, 63), "too small (5000 × 63 pixels)"),
        ((63, 64), "too small (63 × 64 pixels)"),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_size_that_is_refused_is_the_one_that_was_given(
    size: tuple[int, int], sentence: str, kind: str
) -> None:
    assert sentence in refusal(drawn(kind, size=size))


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, "4500 × 70"), (3, "4500 × 70"), (6, "70 × 4500")]
)
def test_a_size_is_told_as_people_see_it(orientation: int, size: str) -> None:
    notes = Image.Exif()
    notes[ORIENTATION] = orientation
    assert f"({size} pixels)" in refusal(drawn(size=(4500, 70), exif=notes))


def test_the_narrowest_that_is_taken_has_the_least_side_when_it_was_made_smaller() -> None:
    made = reading.read(drawn(size=(8000, 125)))
    assert (made.width, made.height) == (4096, 64)
