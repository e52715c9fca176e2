"""Copies of what lies in a bucket, on this machine's disk: what pages show again and again.

A name means one content for ever, so a copy is never out of date. The least recently used go once
there is more than STORAGE_CACHE_BYTES, and all that nobody used for days.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from django.conf import settings

from jobs.archive.kept import files, places, room
from jobs.archive.kept.away import Unreachable
from jobs.machine import disk

KEPT_SECONDS = 3 * 24 * 3600
SPARED_SECONDS = 600
"""Since it was used: somebody may be about to open it."""
FETCHED_SHARE = 0.1
"""Of STORAGE_CACHE_BYTES: after so much that was fetched what is there is looked through."""
IN_MEMORY_BYTES = 16 * 1024**2
"""Of what is shown without a copy: pictures, and no films."""
_fetched = [0]
_tidying = Lock()


class NoRoom(Unreachable):
    """This machine's disk takes no copy of what lies in the bucket."""

    def __init__(self) -> None:
        super().__init__("there is no room left for copies on the server’s disk")


def copy_of(name: str) -> Path:
    """A path to read a file of the bucket at. Raises `OSError`: `NoRoom` where none can be made."""
    copy = places.here(f"{places.NEAR}/{name}")
    try:
        try:
            os.utime(copy)
        except FileNotFoundError:
            _fetch(name, copy)
    except OSError as error:
        if disk.is_to_blame(error):
            raise NoRoom from error
        raise
    return copy


def opened(name: str) -> BinaryIO:
    """A kept file to be read here and now, wherever it lies. Raises `OSError`."""
    if files.path_at_hand(name):
        return files.opened(name)
    try:
        return copy_of(name).open("rb")
    except NoRoom:
        # Read here, as a whole: what sends it to its reader must not wait for the bucket.
        with files.opened(name) as far:
            if files.size_of(far) > IN_MEMORY_BYTES:
                raise
            far.seek(0)
            return io.BytesIO(far.read())


def is_there(name: str) -> bool:
    """It can be read: it lies on this machine's disk, or a copy of it does by now."""
    if files.path_at_hand(name):
        return files.is_there(name)
    try:
        copy_of(name)
    except FileNotFoundError:
        return False
    except NoRoom:
        return files.is_there(name)
    return True


def tidy() -> int:
    """Remove what is too old or too much; how many files."""
    now, left, gone = time.time(), 0, 0
    newest_first = sorted(_found(), reverse=True)
    for used, size, path in newest_first:
        left += size
        unused = now - used
        if unused > KEPT_SECONDS or (
            left > settings.STORAGE_CACHE_BYTES and unused > SPARED_SECONDS
        ):
            path.unlink(missing_ok=True)
            left -= size
            gone += 1
    return gone


def _fetch(name: str, copy: Path) -> None:
    with files.incoming(copy.suffix) as part:
        files.fetch(name, part)
        size = part.stat().st_size
        if room.room_to_spare() < 0:
            raise NoRoom
        copy.parent.mkdir(parents=True, exist_ok=True)
        part.replace(copy)
    _fetched[0] += size
    if _fetched[0] > settings.STORAGE_CACHE_BYTES * FETCHED_SHARE and _tidying.acquire(False):
        try:
            _fetched[0] = 0
            tidy()
        finally:
            _tidying.release()


def _found() -> Iterator[tuple[float, int, Path]]:
    """When each was used last, its bytes, its path."""
    for path in places.here(places.NEAR).rglob("*"):
        try:
            facts = path.stat()
        except FileNotFoundError:
            continue
        if path.is_file():
            yield facts.st_mtime, facts.st_size, path
