"""Films that somebody brings to have them changed: which are taken, and what is kept of them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from jobs.archive import NotAnImage, verify
from jobs.archive.intake import images, source_films
from jobs.models import Image, Rendition, User
from tests.support import factories
from tests.support.media.films import FTYP, HTML, box, film

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def kept(image: Image) -> bytes:
    return (Path(django_settings.MEDIA_ROOT) / image.file).read_bytes()


def test_an_mp4_is_kept_as_it_is_with_its_facts(alice: User) -> None:
    made = source_films.add(alice, film(seconds=2))
    assert (made.suffix, made.content_type, made.is_film) == ("mp4", "video/mp4", True)
    assert (made.width, made.height, made.seconds) == (64, 36, Decimal(2))
    assert kept(made) == film(seconds=2)
    assert made.bytes == len(kept(made))


def test_the_same_film_is_kept_once(alice: User, tmp_path: Path) -> None:
    path = tmp_path / "film.upload"
    path.write_bytes(film(seconds=2))
    assert source_films.add(alice, path) == source_films.add(alice, film(seconds=2))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HTML, "not a video that can be read"),
        (FTYP, "not a video that can be read|The end of this video is missing"),
        (film(seconds=2)[:-200], "The end of this video is missing"),
        (film(), "0.5 seconds long. It has to have 1 to 30"),
        (film(seconds=31), "31.0 seconds long"),
        (box(b"ftyp", b"qt  \0\0\0\0qt  ") + film(seconds=2), "QuickTime video. Save it as MP4"),
    ],
    ids=["page", "head", "cut", "short", "long", "quicktime"],
)
def test_what_cannot_be_changed_is_refused_with_the_reason(
    alice: User, content: bytes, message: str
) -> None:
    with pytest.raises(NotAnImage, match=message):
        source_films.add(alice, content)
    assert not Image.objects.exists()


def test_a_film_of_more_than_a_hundred_megabytes_is_not_even_looked_at(
    alice: User, tmp_path: Path
) -> None:
    path = tmp_path / "film.upload"
    with path.open("wb") as file:
        file.truncate(100 * 1024**2 + 1)
    with pytest.raises(NotAnImage, match=r"100\.0.MB is the most"):
        source_films.add(alice, path)


def test_a_film_that_nothing_uses_goes_after_a_week_and_weighs_till_then(
    alice: User, settings: Any
) -> None:
    made = source_films.add(alice, film(seconds=2))
    assert Image.objects.unused_by(alice).weight() == made.bytes
    settings.UNUSED_IMAGE_BYTES_MAX = made.bytes
    with pytest.raises(NotAnImage, match="which is the most"):
        source_films.add(alice, film(seconds=3))
    Image.objects.update(created_at="2020-01-01T00:00Z")
    assert images.remove_unused() == 1
    assert not (Path(django_settings.MEDIA_ROOT) / made.file).exists()


@pytest.fixture
def video(alice: User) -> Rendition:
    """A stored video of Alice's, with its file."""
    made = factories.film(alice)
    path = Path(django_settings.MEDIA_ROOT) / made.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a film")
    return made


def test_a_video_of_ours_lies_where_it_lies_and_takes_no_more_room(
    alice: User, video: Rendition
) -> None:
    made = source_films.of_video(alice, video)
    assert (made.file, made.kept_as, made.seconds) == ("", video.file, Decimal(8))
    assert source_films.of_video(alice, video) == made
    assert Image.objects.filter(owner=alice).weight() == 0


def test_letting_go_of_it_leaves_the_video_alone(alice: User, video: Rendition) -> None:
    source_films.of_video(alice, video)
    Image.objects.update(created_at="2020-01-01T00:00Z")
    assert images.remove_unused() == 1
    assert (Path(django_settings.MEDIA_ROOT) / video.file).exists()


def test_a_check_of_the_archive_looks_at_its_file_once(alice: User, video: Rendition) -> None:
    made = source_films.of_video(alice, video)
    assert [line for line in verify.check() if "picture" in line] == []
    assert made.kept_as == video.file


@pytest.mark.parametrize("fields", [{"state": "purged"}, {"state": "expired"}])
def test_of_a_video_that_is_gone_nothing_can_be_had(
    alice: User, video: Rendition, fields: dict[str, str]
) -> None:
    made = source_films.of_video(alice, video)
    Rendition.objects.filter(pk=video.pk).update(**fields)
    again = Image.objects.select_related("rendition__job").get(pk=made.pk)
    assert again.kept_as == ""
