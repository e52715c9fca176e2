"""Has pictures and films decoded by children, within the limits that the settings set.

What a person waits for takes its turn (`turns`). Films that are stored need none: no more are
looked at than `lease` lets be fetched, and watermarks are drawn one at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from django.conf import settings

from jobs import queue
from jobs.archive.intake.turns import turn
from jobs.archive.kept.room import room_to_spare
from jobs.decoding import apart
from jobs.decoding.answers import Facts, NotAFilm, NotAnImage, Picture
from jobs.decoding.bare import Interrupted
from jobs.decoding.pictures.kinds import HEAVY, SLOW
from jobs.models import User

logger = logging.getLogger(__name__)

PICTURE_SECONDS = 20
"""Of the processor; the largest pictures of all kinds take two."""
PICTURE_PATIENCE = 40.0
FILM_SECONDS = 90
"""Of the processor, with the two threads of a decoder: `film.PATIENCE_SECONDS` ends it before."""
FILM_PATIENCE = 50.0
"""Less than the lease of the worker that waits."""
WATERMARK_SECONDS = 3 * queue.WATERMARK_SECONDS
WATERMARK_PATIENCE = queue.WATERMARK_SECONDS - 20.0
POSTER_BYTES_MAX = 16 * 1024**2
TOO_HEAVY = "it takes more memory to read than DECODE_MEMORY_BYTES allows"


class Unread(Exception):
    """A film that could not be looked at; nothing is known of it. Says why."""


def picture(owner: User, source: bytes | Path) -> Picture:
    """What there is to see in a file that somebody handed in. Raises `NotAnImage`."""
    limits = apart.Limits(settings.DECODE_MEMORY_BYTES, PICTURE_SECONDS, PICTURE_PATIENCE)
    with turn(owner.pk), _told_to_people():
        if isinstance(source, Path):
            with source.open("rb") as file:
                return apart.picture("picture_child", {"work": "read"}, limits, file)
        return apart.picture("picture_child", {"work": "read"}, limits, source)


def frame(owner: User, film: Path, at: float) -> Picture:
    """The picture of a stored film at a moment. Raises `NotAFilm` or `NotAnImage`."""
    limits = apart.Limits(_film_memory(), FILM_SECONDS, PICTURE_PATIENCE)
    with turn(owner.pk), _told_to_people():
        return apart.picture("film_child", {"work": "frame", "film": str(film), "at": at}, limits)


def examine(film: Path, poster: Path, copies: Mapping[int, Path]) -> Facts:
    """The facts of a film, and its poster written, with smaller copies by their sides.

    Raises `NotAFilm`, `CutShort` or `Unread`.
    """
    limits = apart.Limits(_film_memory(), FILM_SECONDS, FILM_PATIENCE, POSTER_BYTES_MAX)
    smaller = {side: str(path) for side, path in copies.items()}
    given = {"work": "facts", "film": str(film), "poster": str(poster), "copies": smaller}
    with _told_of_films():
        facts = apart.ask_of_many(given, limits)
    return Facts(
        facts["width"],
        facts["height"],
        Decimal(facts["seconds"]),
        facts["codec"],
        Fraction(facts["rate"]) if facts["rate"] else None,
    )


def draw(source: Path, target: Path, text: str) -> None:
    """As `decoding.watermark.draw`, into no more than the room to spare.

    Raises `NotAFilm`, `OSError` or `Unread`.
    """
    _draw("draw", source, target, text)


def draw_on_picture(source: Path, target: Path, text: str) -> None:
    """As `decoding.watermark.draw_on_picture`. Raises as `draw` does."""
    _draw("draw_on_picture", source, target, text)


def _draw(work: str, source: Path, target: Path, text: str) -> None:
    room = max(room_to_spare(), 0)
    limits = apart.Limits(_film_memory(), WATERMARK_SECONDS, WATERMARK_PATIENCE, room)
    given = {"work": work, "source": str(source), "target": str(target), "text": text}
    with _told_of_films():
        apart.ask("drawing_child", given, limits)


def _film_memory() -> int:
    """Bytes for the many pictures that a decoder of 8K, or an encoder of 4K, keeps at once."""
    memory: int = settings.DECODE_MEMORY_BYTES
    return 2 * memory


@contextmanager
def _told_to_people() -> Iterator[None]:
    try:
        yield
    except apart.TooHeavy as error:
        raise NotAnImage(HEAVY) from error
    except apart.TooLong as error:
        raise NotAnImage(SLOW) from error
    except Interrupted as error:
        logger.warning("a picture could not be read: %s", error)
        raise NotAnImage("This image could not be read. Try again, or try another one.") from error


@contextmanager
def _told_of_films() -> Iterator[None]:
    try:
        yield
    except apart.TooHeavy as error:
        raise NotAFilm(TOO_HEAVY) from error
    except (apart.TooLong, Interrupted) as error:
        raise Unread(f"it could not be looked at: {str(error) or 'it took too long'}") from error
