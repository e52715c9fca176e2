"""The door to kept files: whoever reads or keeps one says its name, and not where it lies.

A file goes by the name that its row holds, such as `3f/3f2c….mp4`. Nothing is ever kept in part: a
file is made aside, in `incoming`, and gets its name once it is finished and the disk has it; or is
sent to the bucket whole, which is no matter of a moment and for no transaction (see `outgoing`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import default_storage

from jobs.archive.kept import guard, places
from jobs.machine import disk

if TYPE_CHECKING:
    from jobs.archive.kept.s3.bucket import Bucket

SEEN_SECONDS = 60
"""For so long the nameplate of a bucket is believed, which nobody unmounts."""


# ── Reading ──────────────────────────────────────────────────────────────────
def opened(name: str) -> BinaryIO:
    """A kept file, of which only that is read which somebody wants.

    Raises `OSError`: `FileNotFoundError` for what is not there, `away.Unreachable` where that is
    not known.
    """
    far = None if path_at_hand(name) else places.far()
    file: BinaryIO = (far or places.disk()).open(name)  # type: ignore[assignment]
    return file


def size_of(file: BinaryIO) -> int:
    """Of this very file, also where another has taken its name since it was opened."""
    return file.seek(0, os.SEEK_END)


@contextmanager
def local(name: str) -> Iterator[Path]:
    """A path to read a kept file at, for those who can read nothing else. Raises `OSError`.

    The file itself where it lies on a disk of this machine, there or not; else a passing copy.
    """
    if path := path_at_hand(name):
        yield path
        return
    with incoming(PurePosixPath(name).suffix) as copy:
        fetch(name, copy)
        yield copy


def fetch(name: str, target: Path) -> None:
    """Copy one that lies in the bucket to a path of ours, whole. Raises `OSError`."""
    if far := places.far():
        far.fetch(name, target)


def path_at_hand(name: str) -> Path | None:
    """Where it lies, if on a disk of this machine: reading it there keeps nobody waiting."""
    path = places.path(name)
    return None if path and places.far() and not path.exists() else path


def is_there(name: str) -> bool:
    """It can be read. Raises `away.Unreachable` where that is not known."""
    if path := path_at_hand(name):
        return os.access(path, os.R_OK)
    far = places.far()
    return far is not None and far.exists(name)


def noted_sha256(name: str) -> str:
    """The hash that one in the bucket was sent with; '' where none is noted, or it is at hand."""
    far = None if path_at_hand(name) else places.far()
    return far.noted_sha256(name) if far else ""


def address(name: str, method: str, headers: Mapping[str, str]) -> str:
    """Where anybody can read it for STORAGE_SECONDS, with these headers; '' for what is at hand."""
    far = None if path_at_hand(name) else places.far()
    return far.signed(name, settings.STORAGE_SECONDS, method, headers) if far else ""


# ── Keeping ──────────────────────────────────────────────────────────────────
@contextmanager
def put(name: str) -> Iterator[Path]:
    """A path to make a file at, which is then kept, whole and synced; or not at all.

    What had the name before has it until that moment. Raises `OSError`.
    """
    with incoming(PurePosixPath(name).suffix) as part:
        yield part
        disk.sync(part)
        keep({name: part})


@contextmanager
def incoming(suffix: str = "") -> Iterator[Path]:
    """A path to make a file at. What lies there in the end is gone, unless it was kept."""
    if not places.is_far():
        _require_ours()
    part = incoming_folder() / f"{uuid4()}{suffix}"
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def keep(made: Mapping[str, Path], beat: Callable[[], None] = lambda: None) -> None:
    """Give finished files, already synced, their names; those are synced before this returns.

    `beat` is called while they are sent to a bucket, and may stop it by raising.
    """
    _require_ours()
    if places.is_far():
        for name, part in made.items():
            _bucket().send(name, part, beat)
        return
    for name, part in made.items():
        target = _on_disk(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)
    for folder in dict.fromkeys(above for name in made for above in PurePosixPath(name).parents):
        disk.sync(_on_disk(str(folder)))


def move(name: str, other: str) -> None:
    """Give a kept file another name."""
    _require_ours()
    if places.is_far():
        _bucket().rename(name, other)
        return
    target = _on_disk(other)
    target.parent.mkdir(parents=True, exist_ok=True)
    _on_disk(name).replace(target)


def delete(name: str) -> None:
    """Remove a kept file, wherever it is there."""
    _require_ours()
    for storage in places.everywhere():
        storage.delete(name)
    if places.far():
        places.here(f"{places.NEAR}/{name}").unlink(missing_ok=True)


def clear_incoming(seconds: float) -> int:
    """Remove what was begun so long ago, by workers that died at it; how many files."""
    oldest, gone = time.time() - seconds, 0
    for part in places.here(places.INCOMING).glob("*"):
        try:
            if part.is_file() and part.stat().st_mtime < oldest:
                part.unlink()
                gone += 1
        except FileNotFoundError:
            continue
    return gone + (_bucket().clear_unfinished(seconds) if places.is_far() else 0)


def incoming_folder() -> Path:
    """Where files are made: it is cleared of what nobody finished."""
    folder = places.here(places.INCOMING)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def are_ours() -> bool:
    """What is kept now would lie where that of this database does: its disk is mounted.

    Of a bucket nothing is asked: orders need not wait for one, their films do, on this disk.
    """
    if places.is_far():
        return True
    try:
        _require_ours()
    except guard.Elsewhere:
        return False
    return True


def _require_ours() -> None:
    lasts = SEEN_SECONDS if places.is_far() else 0
    guard.require(places.nameplate, places.whereabouts, lasts)


def _on_disk(name: str) -> Path:
    return Path(default_storage.path(name))


def _bucket() -> Bucket:
    bucket = places.far()
    assert bucket is not None  # noqa: S101  # asked only where new files go there
    return bucket
