"""Takes pictures in, for videos to start from; keeps them, gives them out, and throws them away."""

from __future__ import annotations

import hashlib
import math
import os
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.db.models.functions import Now
from django.urls import reverse
from requests_hardened.ip_filter import InvalidIPAddress

from jobs import clock, disk
from jobs.archive import outbound
from jobs.archive.download import Caps, LinkGone, NotNow, Unacceptable, download
from jobs.archive.film import NotAFilm, frame_at
from jobs.archive.free_space import has_room
from jobs.archive.picture import BYTES_MAX, NotAnImage, Picture, encode, read
from jobs.models import Image, Rendition, User

LINK_CAPS = Caps(bytes=BYTES_MAX, seconds=15, patience=5, connect=5, read=10)
PUBLIC_FOR = timedelta(hours=24)
UNUSED_FOR = timedelta(days=7)
ORPHANED_FOR = timedelta(days=1)
FRAME_QUALITY = 95
"""A frame goes through a video's compression twice; once more should not be seen."""
FIRST, LAST = 0.0, math.inf
"""The moments of a video that have a name."""


def take_in(
    owner: User, content: bytes, origin: Image.Origin, rendition: Rendition | None = None
) -> Image:
    """Check, re-encode and keep a picture; the same one of the same person is kept once.

    Raises `NotAnImage` with a sentence for people.
    """
    return _keep(owner, read(content), origin, rendition)


def from_link(owner: User, url: str) -> Image:
    """Fetch a picture from any public https address. Raises `NotAnImage`.

    Hosts that the operator listed for results may be private ones, and are not for everybody to
    look into; only in practice mode, where that list is the practice provider alone, it counts.
    """
    allowed = ["*", *settings.ARCHIVE_HOSTS] if settings.PRACTICE else ["*"]
    _require_room(BYTES_MAX)
    temporary = Path(settings.MEDIA_ROOT) / "incoming" / str(uuid4())
    temporary.parent.mkdir(parents=True, exist_ok=True)
    try:
        download(url, temporary, allowed, LINK_CAPS)
        content = temporary.read_bytes()
    except LinkGone as error:
        raise NotAnImage(
            f"The host refused our download ({error}). Upload the file instead."
        ) from error
    except Unacceptable as error:
        if isinstance(error.__cause__, (outbound.Forbidden, InvalidIPAddress)):
            # Which address a name stands for inside our network is nobody's business.
            raise NotAnImage("Only public https addresses are fetched from.") from error
        raise NotAnImage(f"{error} Upload the file instead.") from error
    except NotNow as error:
        raise NotAnImage(
            f"The picture could not be fetched: {error}. Upload the file instead."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return take_in(owner, content, Image.Origin.LINK)


def from_frame(owner: User, rendition: Rendition, at_seconds: float) -> Image:
    """Keep what a stored video shows at a moment (`FIRST`, `LAST` or any). Raises `NotAnImage`."""
    path = Path(settings.MEDIA_ROOT) / rendition.file
    try:
        picture = encode(frame_at(path, at_seconds), FRAME_QUALITY)
    except (NotAFilm, OSError) as error:
        raise NotAnImage("This video cannot be opened any more.") from error
    return _keep(owner, picture, Image.Origin.FRAME, rendition)


def public_url(image: Image) -> str:
    """An address that needs no sign-in, for one provider to fetch one picture within a day.

    Only for a server that has a public address (CALLBACK_BASE).
    """
    path = reverse("public-image", args=[_signer().sign(image.pk.hex), image.suffix])
    return f"{settings.CALLBACK_BASE}{path}"


def named_by(signed: str) -> Image | None:
    """The picture that a public address of ours names; None for any other, or an expired one."""
    try:
        number = UUID(hex=_signer().unsign(signed, max_age=PUBLIC_FOR))
    except (signing.BadSignature, ValueError):
        return None
    return Image.objects.filter(pk=number).first()


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
        _path(image.file).unlink(missing_ok=True)
        removed += 1
    _remove_orphans()
    return removed


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="jobs.archive.images", sep="~")


def _keep(
    owner: User, picture: Picture, origin: Image.Origin, rendition: Rendition | None
) -> Image:
    digest = hashlib.sha256(picture.content).hexdigest()
    same = Image.objects.filter(owner=owner, sha256=digest)
    # Counted as new: what somebody has just chosen is not thrown away tonight.
    if same.update(created_at=Now()) and (kept := same.first()):
        if not _path(kept.file).exists():
            _write(_path(kept.file), picture.content)
        return kept
    number = uuid4()
    name = f"images/{number.hex[:2]}/{number}.{picture.suffix}"
    _write(_path(name), picture.content)
    try:
        with transaction.atomic():
            return Image.objects.create(
                pk=number,
                owner=owner,
                origin=origin,
                rendition=rendition,
                file=name,
                content_type=picture.content_type,
                width=picture.width,
                height=picture.height,
                bytes=len(picture.content),
                sha256=digest,
            )
    except IntegrityError:
        # The other click of a double click was faster; anything else is a bug and shows itself.
        _path(name).unlink(missing_ok=True)
        if twin := same.first():
            return twin
        raise


def _require_room(size: int) -> None:
    if not has_room(size):
        raise NotAnImage(
            "The server is almost out of disk space, and what is left is kept for videos. "
            "Please tell an admin."
        )


def _write(path: Path, content: bytes) -> None:
    """The whole file or none, with a sentence for people why not."""
    _require_room(len(content))
    try:
        _write_synced(path, content)
    except OSError as error:
        raise NotAnImage(
            "The server could not keep it: its disk may be full. Please tell an admin."
        ) from error


def _write_synced(path: Path, content: bytes) -> None:
    """The whole file, synced, or none: only then may the database say that it exists."""
    temporary = Path(settings.MEDIA_ROOT) / "incoming" / path.name
    for folder in (temporary.parent, path.parent):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    disk.sync(path.parent)
    disk.sync(path.parent.parent)


def _remove_orphans() -> None:
    """Files of which a crash, or a deletion half done, left no row."""
    folder, oldest = _path("images"), time.time() - _seconds(ORPHANED_FOR)
    old = [path for path in folder.glob("*/*") if is_older(path, oldest)]
    known = set(Image.objects.values_list("file", flat=True))
    for path in old:
        if path.relative_to(settings.MEDIA_ROOT).as_posix() not in known:
            path.unlink(missing_ok=True)


def is_older(path: Path, moment: float) -> bool:
    """Whether this is a file, still there, that was written before."""
    try:
        return path.is_file() and path.stat().st_mtime < moment
    except FileNotFoundError:
        return False  # taken away meanwhile


def _path(name: str) -> Path:
    return Path(settings.MEDIA_ROOT) / name


def _seconds(span: timedelta) -> float:
    return span.total_seconds()
