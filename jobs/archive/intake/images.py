"""Takes pictures in, for videos to start from; keeps them, gives them out, and throws them away."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.db.models.functions import Now
from django.template.defaultfilters import filesizeformat
from requests_hardened.ip_filter import InvalidIPAddress

from jobs import limits
from jobs.archive.fetching import outbound
from jobs.archive.fetching.download import Caps, LinkGone, NotNow, Unacceptable, download
from jobs.archive.intake import decoders, turns
from jobs.archive.kept import files, room, walking
from jobs.decoding.answers import BYTES_MAX, NotAFilm, NotAnImage, Picture
from jobs.limits import TooMany
from jobs.machine import disk
from jobs.models import Image, Rendition, User
from jobs.net.floods import Limit
from jobs.times import clock

LINK_CAPS = Caps(bytes=BYTES_MAX, seconds=15, patience=5, connect=5, read=10)
UNUSED_FOR = timedelta(days=7)
ORPHANED_FOR = timedelta(days=1)
FIRST, LAST = 0.0, math.inf
"""The moments of a video that have a name."""


def add(
    owner: User, source: bytes | Path, origin: Image.Origin, rendition: Rendition | None = None
) -> Image:
    """Check, re-encode and keep a picture; the same one of the same person is kept once.

    Raises `NotAnImage` with a sentence for people.
    """
    count(owner, source.stat().st_size if isinstance(source, Path) else len(source))
    return _keep(owner, decoders.picture(owner, source), origin, rendition)


def from_link(owner: User, url: str) -> Image:
    """Fetch a picture from any public https address. Raises `NotAnImage`.

    Hosts that the operator listed for results may be private ones, and are not for everybody to
    look into; only in practice mode, where that list is the practice provider alone, it counts.
    """
    allowed = ["*", *settings.ARCHIVE_HOSTS] if settings.PRACTICE else ["*"]
    require_room(BYTES_MAX)
    with _told():
        limits.check(Limit.IMAGE_BYTES, owner.pk)
    try:
        with files.incoming() as fetched:
            with turns.fetching(owner.pk):
                download(url, fetched, allowed, LINK_CAPS)
            return add(owner, fetched, Image.Origin.LINK)
    except LinkGone as error:
        raise NotAnImage(
            f"The host refused the download ({error}). Upload the file instead."
        ) from error
    except Unacceptable as error:
        if isinstance(error.__cause__, outbound.Forbidden):
            raise NotAnImage(f"This link can’t be used: {error.__cause__}.") from error
        if isinstance(error.__cause__, InvalidIPAddress):
            # Which address a name stands for inside our network is nobody's business.
            raise NotAnImage("This link can’t be used: its host is not a public one.") from error
        raise NotAnImage(f"{error} Upload the file instead.") from error
    except NotNow as error:
        if isinstance(error.__cause__, OSError) and disk.is_to_blame(error.__cause__):
            raise _not_stored(error.__cause__) from error
        raise NotAnImage(
            f"The image could not be fetched: {error}. Upload the file instead."
        ) from error
    except OSError as error:
        raise _not_stored(error) from error


def from_frame(owner: User, rendition: Rendition, at_seconds: float) -> Image:
    """Keep what a stored video shows at a moment (`FIRST`, `LAST` or any). Raises `NotAnImage`."""
    try:
        with files.local(rendition.file) as path:
            picture = decoders.frame(owner, path, at_seconds)
    except (NotAFilm, OSError) as error:
        raise NotAnImage("This video can’t be opened.") from error
    count(owner, len(picture.content))
    return _keep(owner, picture, Image.Origin.FRAME, rendition)


def remove_unused() -> int:
    """Throw away what no job has used within a week, and files that have no row; how many rows.

    The row goes first, and its file only after that is certain: what is chosen again, or used,
    while this runs is spared.
    """
    unused = Image.objects.filter(uses=None, created_at__lt=clock.after(-_seconds(UNUSED_FOR)))
    removed = 0
    for number in list(unused.values_list("pk", flat=True)):
        rows = unused.filter(pk=number)
        if connection.features.has_select_for_update_skip_locked:
            # Locked by somebody else means wanted by somebody else.
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        try:
            with transaction.atomic():
                image = rows.first()
                if image is None:
                    continue
                image.delete()
        except (ProtectedError, IntegrityError):
            continue  # used this very moment
        if image.file:
            files.delete(image.file)
        removed += 1
    _remove_orphans()
    return removed


def _keep(
    owner: User, picture: Picture, origin: Image.Origin, rendition: Rendition | None
) -> Image:
    new = Image(
        owner=owner,
        origin=origin,
        rendition=rendition,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        bytes=len(picture.content),
        sha256=hashlib.sha256(picture.content).hexdigest(),
    )
    return keep(new, picture.suffix, lambda part: part.write_bytes(picture.content))


def keep(new: Image, suffix: str, write: Callable[[Path], object]) -> Image:
    """Keep a new image and what `write` writes for it, unless its owner has the same one already.

    Raises `NotAnImage`.
    """
    owner = new.owner
    # Counted as new: what somebody has just chosen is not thrown away tonight.
    if kept := touched(new):
        if not files.is_there(kept.file):
            _write(kept, write)
        return kept
    _require_share(owner, new.bytes)
    new.file = f"images/{new.pk.hex[:2]}/{new.pk}.{suffix}"
    _write(new, write)
    try:
        with transaction.atomic():
            # Once more, where no other of theirs can come in between.
            User.objects.select_for_update(no_key=True).get(pk=owner.pk)
            _require_share(owner, new.bytes)
            new.save(force_insert=True)
    except IntegrityError:
        # The other click of a double click was faster; anything else is a bug and shows itself.
        files.delete(new.file)
        if twin := touched(new):
            return twin
        raise
    except NotAnImage:
        files.delete(new.file)
        raise
    return new


def touched(new: Image) -> Image | None:
    """The same one of the same person, which counts as new from now on; None for none."""
    same = Image.objects.filter(owner=new.owner, sha256=new.sha256)
    return same.first() if same.update(created_at=Now()) else None


def require_room(size: int) -> None:
    """Raise `NotAnImage` where so many more bytes would take the room that videos need."""
    if room.room_to_spare() < size:
        raise NotAnImage(
            "The server is almost out of disk space, and the rest is reserved for videos. Please "
            "tell an admin."
        )


def _require_share(owner: User, size: int) -> None:
    """Nobody fills the disk with images that no video uses; those go by themselves."""
    unused = Image.objects.unused_by(owner).weight() + size
    most: int = settings.UNUSED_IMAGE_BYTES_MAX
    if unused > most:
        raise NotAnImage(
            f"You have {filesizeformat(most)} of images here that no video uses, which is the most "
            f"there may be. Each goes {UNUSED_FOR.days} days after you last chose it."
        )


def count(owner: User, size: int) -> None:
    """Count what somebody brings. Raises `NotAnImage` where that is too much for today."""
    with _told():
        limits.take(Limit.IMAGE_BYTES, owner.pk, amount=size)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except TooMany as error:
        raise NotAnImage(error.user_message) from error


def _write(image: Image, write: Callable[[Path], object]) -> None:
    """The whole file or none, with a sentence for people why not."""
    require_room(image.bytes)
    try:
        with files.put(image.file) as part:
            write(part)
    except OSError as error:
        raise _not_stored(error) from error


def _not_stored(error: OSError) -> NotAnImage:
    return NotAnImage(f"The file couldn’t be stored: {disk.why(error)}. Please tell an admin.")


def _remove_orphans() -> None:
    """Files of which a crash, or a deletion half done, left no row."""
    ages = {
        name: age for each in walking.folders("images") for name, age in walking.ages(each).items()
    }
    old = [name for name, age in ages.items() if age > _seconds(ORPHANED_FOR)]
    known = set(Image.objects.values_list("file", flat=True))
    for name in old:
        if name not in known:
            files.delete(name)


def _seconds(span: timedelta) -> float:
    return span.total_seconds()
