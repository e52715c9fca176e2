"""Films that no row knows: named, looked at, and taken in or thrown away by an admin's word.

`verify.remove_orphans` puts them aside; here each gets a row, so that people can see it. A restored
database leaves such films behind: they were paid for after the moment that it tells of.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from datetime import timedelta
from pathlib import PurePosixPath
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.archive import verify
from jobs.archive.intake.decoders import Unread, examine
from jobs.archive.kept import files, places, posters, walking
from jobs.decoding.answers import CutShort, Facts, NotAFilm
from jobs.machine.outages import described
from jobs.models import Rendition, Stray

logger = logging.getLogger(__name__)

STRAYS_MAX = 500
"""Films that are told of at once; the others once some of these were decided about."""
AT_ONCE = 50
"""Films that one look reads: each takes about a second."""


def look() -> int:
    """Put aside what belongs to nothing, and tell of what lies there; how many films are new.

    Of many the next look tells more.
    """
    verify.remove_orphans()
    there = {name for name in walking.names(verify.ASIDE) if name.endswith(".mp4")}
    known = set(Stray.objects.kept().values_list("file", flat=True))
    for gone in Stray.objects.kept().exclude(file__in=there):
        # While an archive moves it may lie at the former place.
        if not files.is_there(gone.file):
            gone.delete()
    room = min(STRAYS_MAX - len(known & there), AT_ONCE)
    return sum(map(_told_of, sorted(there - known)[: max(room, 0)]))


def take_in(stray: Stray, rendition: Rendition) -> None:
    """Give a film that lies aside the names that this new row has for it. Raises `OSError`.

    Call in the transaction that makes the row, last: should that fail, it is put aside again. One
    that lies in a bucket has them before, by `bring_ahead`.
    """
    if places.is_far():
        return
    for name, place in zip(
        posters.names(stray.poster), posters.names(rendition.poster), strict=False
    ):
        with suppress(FileNotFoundError):
            files.move(name, place)
    files.move(stray.file, rendition.file)


def bring_ahead(stray: Stray, number: UUID) -> None:
    """Copy a film within its bucket, before the transaction that makes its row. Raises `OSError`.

    Should that fail, what nobody's row names is put aside again, under the name that it has there.
    """
    bucket = places.far() if places.is_far() else None
    if bucket is None:
        return
    film, poster = place_of(number)
    for name, place in zip(posters.names(stray.poster), posters.names(poster), strict=False):
        with suppress(FileNotFoundError):
            bucket.copy(name, place)
    bucket.copy(stray.file, film)


def leave_behind(stray: Stray) -> None:
    """Remove what `bring_ahead` copied, once the row is there."""
    if not places.is_far():
        return
    try:
        discard(stray)
    except OSError as error:
        # The next look tells of it again: nothing is lost by an admin's second word.
        logger.warning("the stray film %s could not be removed: %s", stray.file, described(error))


def number_of(stray: Stray) -> UUID:
    """The id that its file is named after, if that is free: that of the row it once had."""
    with suppress(ValueError):
        # Behind it a bucket's files have the number of the attempt that sent them.
        number = UUID(PurePosixPath(stray.file).stem[:36])
        if not Rendition.objects.filter(pk=number).exists():
            return number
    return uuid4()


def place_of(number: UUID) -> tuple[str, str]:
    """The names of a film and its poster in the archive."""
    name = f"{number.hex[:2]}/{number}"
    return f"{name}.mp4", f"{name}.webp"


def discard(stray: Stray) -> None:
    """Throw the film away for good."""
    for name in (stray.file, *posters.names(stray.poster)):
        if name:
            files.delete(name)


def _told_of(name: str) -> bool:
    poster = str(PurePosixPath(name).with_suffix(".webp"))
    try:
        facts = _looked_at(name, poster)
        with files.opened(name) as file:
            digest, size = hashlib.sha256(), 0
            while piece := file.read(verify.CHUNK):
                digest.update(piece)
                size += len(piece)
    except OSError as error:
        logger.warning("the stray film %s cannot be read: %s", name, described(error))
        return False
    try:
        with transaction.atomic():
            Stray.objects.create(
                file=name,
                poster=poster if files.is_there(poster) else "",
                made_at=timezone.now() - timedelta(seconds=walking.age(name)),
                bytes=size,
                sha256=digest.hexdigest(),
                **_as_columns(facts),
            )
    except IntegrityError:
        return False  # another look was quicker
    return True


def _looked_at(name: str, poster: str) -> Facts | None:
    """The facts of a film, and a poster made where there is none; None of what is no film."""
    try:
        with files.local(name) as film, posters.incoming() as (picture, copies):
            facts = examine(film, picture, copies)
            if not files.is_there(poster):
                made = {posters.copy_of(poster, side): path for side, path in copies.items()}
                files.keep({**made, poster: picture})
            return facts
    except (NotAFilm, CutShort, Unread):
        return None


def _as_columns(facts: Facts | None) -> dict[str, object]:
    if facts is None:
        return {}
    return {
        "width": facts.width,
        "height": facts.height,
        "seconds": facts.seconds,
        "codec": facts.codec,
        "frame_rate": str(facts.rate or ""),
    }
