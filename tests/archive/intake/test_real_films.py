"""Films as cameras, phones, editors and browsers make them: taken as they came, seen upright."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest
from django.conf import settings
from PIL import Image, ImageChops

from jobs import archive
from jobs.archive.intake import images
from jobs.decoding import film
from jobs.decoding.answers import CutShort, Facts, NotAFilm
from jobs.decoding.film import examine, frame_at
from jobs.decoding.watermark import draw
from jobs.models import Rendition
from tests.support.fakes import Wire
from tests.support.media import real_films
from tests.support.media.real_films import BOXES, CORNERS, KINDS, SEEN, TURNED, corners

Waiting = Callable[..., Rendition]
CUT = ["index behind", "index in front", "a box that nobody knows", "provenance in front (C2PA)"]
CUT += ["a size in 64 bits", "no size for the last box", "sound", "a timecode"]
HEAD = 48
"""Bytes of which nobody can tell any more what they were to become."""


def examined(content: bytes, folder: Path) -> Facts:
    path = folder / "film.mp4"
    path.write_bytes(content)
    return examine(path, folder / "poster.webp")


def is_cut_short(content: bytes, folder: Path) -> bool:
    try:
        examined(content, folder)
    except CutShort:
        return True
    except NotAFilm:
        return False
    return False


# ── What is taken (103) ──────────────────────────────────────────────────────
@pytest.mark.parametrize("name", [*BOXES, *KINDS])
def test_a_film_is_a_film_whatever_it_was_made_by_and_packed_with(
    tmp_path: Path, name: str
) -> None:
    facts = examined(real_films.film(name), tmp_path)
    assert (facts.width, facts.height) == real_films.SIZE
    assert facts.seconds > 0
    assert corners(frame_at(tmp_path / "film.mp4", 99)) == list(CORNERS)


@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.parametrize(
    "name", ["a box that nobody knows", "provenance in front (C2PA)", "fragments", "HEVC"]
)
def test_it_is_kept_byte_for_byte_as_it_came(provider: Wire, waiting: Waiting, name: str) -> None:
    row = waiting()
    provider.answer(body=real_films.film(name))
    archive.store(row.pk)
    row.refresh_from_db()
    assert row.state == Rendition.State.STORED, row.problem
    assert (Path(settings.MEDIA_ROOT) / row.file).read_bytes() == real_films.film(name)


@pytest.mark.parametrize("name", CUT)
def test_wherever_a_film_was_cut_short_that_is_noticed(tmp_path: Path, name: str) -> None:
    whole = real_films.film(name)
    cuts = [*range(HEAD, len(whole), 97), len(whole) - 1]
    assert [cut for cut in cuts if not is_cut_short(whole[:cut], tmp_path)] == []


@pytest.mark.parametrize("name", ["fragments", "fragments with an index of them"])
def test_a_film_cut_within_a_fragment_is_cut_short(tmp_path: Path, name: str) -> None:
    whole = real_films.film(name)
    middles = [
        at + 20 for at in range(len(whole) // 2, len(whole)) if whole[at:].startswith(b"moof")
    ]
    assert len(middles) > 2
    assert all(is_cut_short(whole[:cut], tmp_path) for cut in middles)


def test_fragments_that_an_index_names_and_that_never_came_are_missed(tmp_path: Path) -> None:
    whole = real_films.film("slow fragments with one index of all")
    last = whole.rindex(b"moof") - 4
    assert examined(whole, tmp_path).seconds > 9
    assert is_cut_short(whole[: whole.rindex(b"moof", 0, last) - 4], tmp_path)


def test_an_end_that_nobody_filled_in_is_an_end_that_is_missing(tmp_path: Path) -> None:
    whole = real_films.film("ten seconds")
    empty = len(whole) // 10
    assert examined(whole, tmp_path).seconds > 9
    assert is_cut_short(whole[:-empty] + bytes(empty), tmp_path)


def test_a_film_of_which_only_its_provenance_was_cut_plays_to_its_end(tmp_path: Path) -> None:
    whole = real_films.film("provenance behind (C2PA)")
    assert examined(whole[:-50], tmp_path).codec == "h264"


def test_a_still_picture_is_no_film(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "still.avif")
    with pytest.raises(NotAFilm):
        examined((tmp_path / "still.avif").read_bytes(), tmp_path)


def test_nobody_looks_at_one_film_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "PATIENCE_SECONDS", 0)
    # Of what was not looked at nothing is held against the film.
    whole = real_films.film("ten seconds")
    assert examined(whole[:-50] + bytes(50), tmp_path).codec == "h264"


# ── Which side is up (105) ───────────────────────────────────────────────────
@pytest.mark.parametrize("name", TURNED)
def test_what_is_measured_and_shown_of_a_film_is_what_people_see(tmp_path: Path, name: str) -> None:
    facts = examined(real_films.film(name), tmp_path)
    assert (facts.width, facts.height) == TURNED[name].seen
    with Image.open(tmp_path / "poster.webp") as poster:
        assert (poster.size, corners(poster)) == (TURNED[name].seen, list(CORNERS))
    for moment in (0, 0.2, 99):
        frame = frame_at(tmp_path / "film.mp4", moment)
        assert (frame.size, corners(frame)) == (TURNED[name].seen, list(CORNERS))


@pytest.mark.parametrize("name", SEEN)
def test_a_watermarked_copy_stands_upright_in_players_that_turn_nothing(
    tmp_path: Path, name: str
) -> None:
    source, target = tmp_path / "a.mp4", tmp_path / "b.mp4"
    source.write_bytes(real_films.film(name))
    draw(source, target, "Draft")
    with av.open(str(target)) as copy:
        stream = copy.streams.video[0]
        frames = list(copy.decode(stream))
        assert stream.sample_aspect_ratio in (None, 1)
    assert len(frames) == len(SEEN[name].moments)
    assert {frame.rotation for frame in frames} == {0}
    stored = frames[0].to_image()  # type: ignore[no-untyped-call]
    assert (stored.size, corners(stored)) == (SEEN[name].seen, list(CORNERS))


@pytest.mark.parametrize("name", TURNED)
def test_the_watermark_is_read_in_the_lower_right_as_people_see_it(
    tmp_path: Path, name: str
) -> None:
    source, target = tmp_path / "a.mp4", tmp_path / "b.mp4"
    source.write_bytes(real_films.large(TURNED[name]))
    draw(source, target, "Draft")
    before, after = (frame_at(path, 0).convert("L") for path in (source, target))
    width, height = after.size
    changed = ImageChops.difference(before, after)
    # Of a quarter the outer parts, where no edge of two colours makes a noise.
    quarters = [(x, y) for y in (0, height * 3 // 4) for x in (0, width * 3 // 4)]
    most = [
        changed.crop((x, y, x + width // 4, y + height // 4)).getextrema()[1] for x, y in quarters
    ]
    seen = [value > 40 for value in most]  # type: ignore[operator]
    assert seen == [False, False, False, True]


@pytest.mark.django_db
@pytest.mark.data
def test_the_next_film_starts_from_a_frame_that_stands_upright(
    provider: Wire, waiting: Waiting
) -> None:
    row = waiting()
    provider.answer(body=real_films.film("a phone held upright"))
    archive.store(row.pk)
    row.refresh_from_db()
    assert (row.width, row.height) == TURNED["a phone held upright"].seen
    image = images.from_frame(row.job.owner, row, images.LAST)
    with Image.open(Path(settings.MEDIA_ROOT) / image.file) as picture:
        assert picture.width < picture.height
        assert corners(picture) == list(CORNERS)


def test_a_film_whose_pictures_grow_beyond_sense_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film, "PIXELS_MAX", 320 * 240)
    with pytest.raises((NotAFilm, CutShort)):
        examined(real_films.growing((320, 240), *[(640, 480)] * 3), tmp_path)
    assert examined(real_films.growing((320, 240), (320, 240)), tmp_path).height == 240
