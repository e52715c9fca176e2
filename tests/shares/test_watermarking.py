"""Copies of shared films with a watermark: drawn by workers, one at a time, and cleared away."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from PIL import Image

from jobs import shares
from jobs.archive.intake import decoders
from jobs.archive.kept import posters
from jobs.decoding.film import examine
from jobs.decoding.lettering import missing_letters
from jobs.models import Rendition, SharedTake, ShareLink, User
from jobs.shares import watermarking
from tests.support import factories
from tests.support.media.films import film
from tests.support.running import drain_queue, purge_queue

pytestmark = [pytest.mark.django_db, pytest.mark.data]

Marking = SharedTake.Marking


@pytest.fixture
def stored(alice: User) -> Rendition:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir()
    (folder / "a.mp4").write_bytes(film())
    Image.new("RGB", (160, 90), "teal").save(folder / "a.webp")
    return factories.film(alice)


def share(file: Rendition, text: str = "For review") -> ShareLink:
    return shares.create([file], shares.Terms(watermark=text), file.job.owner)[0]


def only_take(link: ShareLink) -> shares.Take:
    (take,) = shares.takes_of(ShareLink.objects.get(pk=link.pk))
    return take


def age(**facts: Any) -> None:
    SharedTake.objects.update(try_at=timezone.now() - timedelta(seconds=1), **facts)


def test_a_worker_draws_the_copy_that_is_then_shown(stored: Rendition, tmp_path: Path) -> None:
    link = share(stored)
    before = only_take(link)
    assert not before.is_ready
    shares.draw(before.shared.pk)
    take = only_take(link)
    assert take.is_ready
    root = Path(settings.MEDIA_ROOT)
    marked = examine(root / take.video, tmp_path / "poster.webp")
    bare = examine(root / stored.file, tmp_path / "poster.webp")
    assert (marked.width, marked.height, marked.seconds) == (bare.width, bare.height, bare.seconds)
    assert (root / take.video).read_bytes() != (root / stored.file).read_bytes()
    assert (root / take.poster).read_bytes() != (root / stored.poster).read_bytes()


def test_no_size_of_a_marked_take_shows_its_bare_picture(stored: Rendition) -> None:
    root = Path(settings.MEDIA_ROOT)
    Image.new("RGB", (320, 180), "teal").save(root / "a-320.webp")
    link = share(stored)
    shares.draw(only_take(link).shared.pk)
    small = posters.copy_of(only_take(link).poster, 320)
    assert (root / small).read_bytes() != (root / "a-320.webp").read_bytes()
    # The copy for sharp screens there is not: whoever asks for it gets the marked poster.
    assert not (root / posters.copy_of(only_take(link).poster, 640)).exists()
    shares.revoke(link, link.owner)
    for path in (root / "shares").iterdir():
        os.utime(path, (1, 1))
    assert shares.tidy() == 3
    assert not (root / small).exists()


def test_making_a_link_wakes_a_worker_for_its_takes(stored: Rendition) -> None:
    link = share(stored)
    drain_queue()
    assert only_take(link).is_ready


def test_one_copy_is_drawn_at_a_time(stored: Rendition) -> None:
    first, second = share(stored), share(stored)
    busy = only_take(first).shared
    SharedTake.objects.filter(pk=busy.pk).update(
        marking=Marking.DRAWING, attempts=1, try_at=timezone.now() + timedelta(minutes=5)
    )
    shares.draw(only_take(second).shared.pk)
    assert only_take(second).shared.marking == Marking.WAITING
    shares.draw(busy.pk)
    assert only_take(first).shared.attempts == 1


def test_a_text_that_is_changed_meanwhile_is_not_shown(
    stored: Rendition, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = share(stored, "First")
    draw = decoders.draw

    def change_and_draw(source: Path, target: Path, text: str) -> None:
        shares.change(link, shares.Terms(watermark="Second"), link.owner)
        draw(source, target, text)

    monkeypatch.setattr(decoders, "draw", change_and_draw)
    shares.draw(only_take(link).shared.pk)
    assert not only_take(link).is_ready
    monkeypatch.undo()
    assert only_take(link).shared.marking == Marking.WAITING
    shares.draw(only_take(link).shared.pk)
    assert only_take(link).is_ready


def test_without_a_watermark_the_film_itself_is_shown_again(stored: Rendition) -> None:
    link = share(stored)
    shares.change(link, shares.Terms(), link.owner)
    take = only_take(link)
    assert (take.is_ready, take.video) == (True, stored.file)


def test_what_cannot_be_read_is_given_up_at_once(stored: Rendition) -> None:
    (Path(settings.MEDIA_ROOT) / stored.file).write_bytes(b"no film")
    link = share(stored)
    shares.draw(only_take(link).shared.pk)
    assert only_take(link).shared.marking == Marking.FAILED
    assert not only_take(link).is_ready


def test_what_a_dead_worker_left_is_taken_up_again_but_not_for_ever(
    stored: Rendition,
) -> None:
    link = share(stored)
    purge_queue()
    age(marking=Marking.DRAWING, attempts=1)
    shares.wake()
    drain_queue()
    assert only_take(link).is_ready
    age(marking=Marking.DRAWING, attempts=watermarking.TRIES_MAX)
    shares.wake()
    assert only_take(link).shared.marking == Marking.FAILED


def test_a_disk_that_takes_nothing_is_tried_again(
    stored: Rendition, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(decoders, "draw", full)
    link = share(stored)
    shares.draw(only_take(link).shared.pk)
    take = only_take(link).shared
    assert (take.marking, take.try_at is not None) == (Marking.WAITING, True)


def test_what_is_paid_for_comes_first_on_a_full_disk(stored: Rendition, settings: Any) -> None:
    settings.MEDIA_FREE_BYTES_MIN = 10**18
    link = share(stored)
    shares.draw(only_take(link).shared.pk)
    take = only_take(link).shared
    assert (take.marking, take.attempts) == (Marking.WAITING, 0)


def test_nothing_is_drawn_for_a_link_that_leads_nowhere(stored: Rendition) -> None:
    link = share(stored)
    shares.revoke(link, link.owner)
    age()
    shares.wake()
    drain_queue()
    assert only_take(link).shared.marking == Marking.WAITING


def test_a_copy_that_is_being_drawn_is_left_to_its_worker(stored: Rendition) -> None:
    link = share(stored, "First")
    later = timezone.now() + timedelta(minutes=5)
    SharedTake.objects.update(marking=Marking.DRAWING, attempts=1, try_at=later)
    shares.change(link, shares.Terms(watermark="Second"), link.owner)
    assert only_take(link).shared.marking == Marking.DRAWING
    shares.draw(only_take(share(stored)).shared.pk)
    assert [take.marking for take in SharedTake.objects.order_by("pk")] == ["drawing", "waiting"]


def test_a_film_without_a_poster_has_none_with_a_watermark_either(stored: Rendition) -> None:
    Rendition.objects.update(poster="")
    link = share(stored)
    shares.draw(only_take(link).shared.pk)
    assert (only_take(link).is_ready, only_take(link).poster) == (True, "")


def test_copies_that_no_open_link_shows_are_cleared_away(stored: Rendition) -> None:
    kept, over = share(stored), share(stored)
    for link in (kept, over):
        shares.draw(only_take(link).shared.pk)
    root = Path(settings.MEDIA_ROOT)
    shares.revoke(over, over.owner)
    assert shares.tidy() == 0
    for path in (root / "shares").iterdir():
        os.utime(path, (1, 1))
    gone = only_take(over)
    assert shares.tidy() == 2
    assert not (root / gone.video).exists()
    assert (root / only_take(kept).video).exists()


def test_a_copy_that_is_gone_is_drawn_again(stored: Rendition) -> None:
    link = share(stored)
    shares.draw(only_take(link).shared.pk)
    (Path(settings.MEDIA_ROOT) / only_take(link).video).unlink()
    shares.tidy()
    assert only_take(link).shared.marking == Marking.WAITING
    shares.draw(only_take(link).shared.pk)
    assert only_take(link).is_ready


def test_letters_that_cannot_be_drawn_are_told() -> None:
    assert missing_letters("Für Ærø · «déjà vu» €") == ""
    assert missing_letters("Ж, 東京 and Ж") == "Ж東京"
