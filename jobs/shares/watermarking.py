"""Draws the copies with a watermark, one at a time, and clears away those nobody shows any more."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs import queue
from jobs.archive.intake import decoders
from jobs.archive.kept import files, posters, room, walking
from jobs.decoding.answers import NotAFilm
from jobs.machine.outages import described
from jobs.models import Rendition, SharedTake, ShareLink, prepared
from jobs.shares.takes import FOLDER, watermarked_name
from jobs.times import clock

logger = logging.getLogger(__name__)

LEASE_SECONDS = queue.WATERMARK_SECONDS + 30
BUSY_SECONDS = 10
AGAIN_SECONDS = 60
WAKE_AGAIN_SECONDS = 30
TRIES_MAX = 3
AT_ONCE = 64
KEPT_SECONDS = 3600
"""Before a file that nobody shows goes: a worker may just have written it."""


def mark_anew(link: ShareLink) -> None:
    """Have the copies of its takes drawn; where it has no watermark any more, show the films."""
    if not link.watermark:
        shown = link.takes.exclude(marking=SharedTake.Marking.DRAWING)
        shown.update(marking=SharedTake.Marking.NONE, try_at=None, attempts=0)
        return
    # One that is being drawn is left to its worker, which sees the new text when it is done.
    rows = link.takes.exclude(marking=SharedTake.Marking.DRAWING)
    rows = rows.exclude(rendition__state=Rendition.State.PURGED)
    rows.update(
        marking=SharedTake.Marking.WAITING, try_at=clock.after(WAKE_AGAIN_SECONDS), attempts=0
    )
    for take_id in rows.values_list("pk", flat=True)[:AT_ONCE]:
        queue.watermark(take_id)


def draw(take_id: int) -> None:
    """Make one copy. Whoever else is woken for it, or for another, finds it taken."""
    take = _claim(take_id)
    if take is None:
        return
    text = take.link.watermark
    if room.room_to_spare() < (take.rendition.bytes or 0):
        # No try of its own: what is paid for comes first, and there may be room again any time.
        _mine(take).update(
            marking=SharedTake.Marking.WAITING,
            attempts=F("attempts") - 1,
            try_at=clock.after(AGAIN_SECONDS),
        )
        return
    try:
        poster, film = (watermarked_name(take, text, suffix) for suffix in ("webp", "mp4"))
        for bare, copy in zip(
            posters.names(take.rendition.poster), posters.names(poster), strict=False
        ):
            if bare == take.rendition.poster or files.is_there(bare):
                _copy(decoders.draw_on_picture, bare, copy, text)
        _copy(decoders.draw, take.rendition.file, film, text)
    except NotAFilm:
        logger.exception("no watermark could be drawn for take %s", take_id)
        _mine(take).update(marking=SharedTake.Marking.FAILED, try_at=None)
    except (OSError, decoders.Unread) as error:
        said = "the copy for take %s could not be written: %s"
        logger.error(said, take_id, described(error))
        _mine(take).update(marking=SharedTake.Marking.WAITING, try_at=clock.after(AGAIN_SECONDS))
    else:
        if (
            not _mine(take)
            .filter(link__watermark=text)
            .update(marking=SharedTake.Marking.READY, try_at=None)
        ):
            _mine(take).update(marking=SharedTake.Marking.WAITING, try_at=Now(), attempts=0)


def _copy(draw: Callable[[Path, Path, str], None], name: str, copy: str, text: str) -> None:
    """Have a copy of one kept file drawn, which is kept under a name of its own."""
    with files.local(name) as source, files.put(copy) as target:
        draw(source, target, text)


def wake() -> None:
    """Take up again what nobody was woken for, or whose worker is gone; give up after three."""
    if not prepared.rows("takes to be drawn", lambda: _due().values_list("pk")[:1]):
        return
    _due().filter(link__watermark="").update(
        marking=SharedTake.Marking.NONE, try_at=None, attempts=0
    )
    # Of links that lead nowhere nothing is drawn before they do again.
    due = _due().filter(link__in=ShareLink.objects.open())
    for take_id in queue.unwoken(due, "try_at", AT_ONCE):
        rows = due.filter(pk=take_id)
        with transaction.atomic():
            if rows.filter(attempts__gte=TRIES_MAX).update(
                marking=SharedTake.Marking.FAILED, try_at=None
            ):
                logger.error("take %s gets no watermark: tried %s times", take_id, TRIES_MAX)
            elif rows.update(
                marking=SharedTake.Marking.WAITING, try_at=clock.after(WAKE_AGAIN_SECONDS)
            ):
                queue.watermark(take_id)


def _due() -> QuerySet[SharedTake]:
    return SharedTake.objects.filter(try_at__lte=Now())


def tidy() -> int:
    """Remove the copies that no open link shows, and have those drawn that are gone; how many."""
    shown: set[str] = set()
    takes = SharedTake.objects.filter(link__in=ShareLink.objects.open()).exclude(link__watermark="")
    takes = takes.exclude(rendition__state=Rendition.State.PURGED)
    for take in takes.select_related("link"):
        film, poster = (
            watermarked_name(take, take.link.watermark, suffix) for suffix in ("mp4", "webp")
        )
        shown.update((film, *posters.names(poster)))
        if take.marking == SharedTake.Marking.READY and not files.is_there(film):
            rows = SharedTake.objects.filter(pk=take.pk, marking=SharedTake.Marking.READY)
            rows.update(marking=SharedTake.Marking.WAITING, try_at=Now(), attempts=0)
    old = [name for name, age in walking.ages(FOLDER).items() if age > KEPT_SECONDS]
    gone = [name for name in old if name not in shown]
    for name in gone:
        files.delete(name)
    return len(gone)


def _claim(take_id: int) -> SharedTake | None:
    links = ShareLink.objects.open().exclude(watermark="")
    waiting = SharedTake.objects.filter(
        pk=take_id, marking=SharedTake.Marking.WAITING, link__in=links
    )
    # A film in 4K takes half a gigabyte of memory and all of a worker.
    if SharedTake.objects.filter(marking=SharedTake.Marking.DRAWING, try_at__gt=Now()).exists():
        waiting.update(try_at=clock.after(BUSY_SECONDS))
        return None
    if not waiting.update(
        marking=SharedTake.Marking.DRAWING,
        attempts=F("attempts") + 1,
        try_at=clock.after(LEASE_SECONDS),
    ):
        return None
    return SharedTake.objects.select_related("link", "rendition").get(pk=take_id)


def _mine(take: SharedTake) -> QuerySet[SharedTake]:
    """The row, as long as this claim is the latest one."""
    return SharedTake.objects.filter(
        pk=take.pk, marking=SharedTake.Marking.DRAWING, attempts=take.attempts
    )
