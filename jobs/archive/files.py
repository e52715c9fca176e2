"""Knows, alone, where kept files lie: below MEDIA_ROOT, or wherever STORAGES puts them.

A file goes by the name that its row holds, such as `3f/3f2c….mp4`. Nothing is ever kept in part: a
file is made aside, in `incoming`, and gets its name once it is finished and the disk has it.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from jobs import disk
from jobs.archive import guard

INCOMING = "incoming"
"""On this machine's disk also where files are kept elsewhere; and on the volume of those that are
kept here, so that renaming is atomic."""
SETTING = "MEDIA_ROOT"
"""For sentences to who runs the server."""
NAMEPLATE = "nameplate"
"""The file that says whose the kept files are: an empty mount point has none."""


# ── Reading ──────────────────────────────────────────────────────────────────
def opened(name: str) -> BinaryIO:
    """A kept file, of which only that is read which somebody wants. Raises `OSError`."""
    file: BinaryIO = default_storage.open(name)  # type: ignore[assignment]
    return file


def size_of(file: BinaryIO) -> int:
    """Of this very file, also where another has taken its name since it was opened."""
    return file.seek(0, os.SEEK_END)


@contextmanager
def local(name: str) -> Iterator[Path]:
    """A path to read a kept file at, for those who can read nothing else. Raises `OSError`.

    The file itself where it lies on a disk of this machine, there or not; else a passing copy.
    """
    if path := _on_disk(name):
        yield path
        return
    with incoming(PurePosixPath(name).suffix) as copy:
        with opened(name) as file, copy.open("xb") as target:
            shutil.copyfileobj(file, target)
        yield copy


def path_at_hand(name: str) -> Path | None:
    """Where it lies, if on a disk of this machine: reading it there keeps nobody waiting."""
    return _on_disk(name)


def is_there(name: str) -> bool:
    """It can be read."""
    path = _on_disk(name)
    return os.access(path, os.R_OK) if path else default_storage.exists(name)


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
    _require_ours()
    part = incoming_folder() / f"{uuid4()}{suffix}"
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def keep(made: Mapping[str, Path]) -> None:
    """Give finished files, already synced, their names; those are synced before this returns."""
    _require_ours()
    for name, part in made.items():
        if target := _on_disk(name):
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
        else:
            with part.open("rb") as content:
                _save(name, content)
    for folder in dict.fromkeys(above for name in made for above in PurePosixPath(name).parents):
        if path := _on_disk(str(folder)):
            disk.sync(path)


def move(name: str, other: str) -> None:
    """Give a kept file another name."""
    _require_ours()
    path, target = _on_disk(name), _on_disk(other)
    if path and target:
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        return
    with opened(name) as content:
        _save(other, content)
    delete(name)


def delete(name: str) -> None:
    """Remove a kept file, if it is there."""
    _require_ours()
    default_storage.delete(name)


# ── Walking ──────────────────────────────────────────────────────────────────
def folders(above: str = "") -> list[str]:
    """The names of the folders in a folder, or at the top."""
    return [str(PurePosixPath(above, each)) for each in _listed(above)[0]]


def names(folder: str) -> list[str]:
    """Of the files in a folder, and not of those in folders of its own."""
    return [str(PurePosixPath(folder, each)) for each in _listed(folder)[1]]


def age(name: str) -> float:
    """Seconds since a file was written; none for one that was taken away meanwhile."""
    try:
        return _seconds_since(default_storage.get_modified_time(name))
    except FileNotFoundError:
        return 0


def time_in_place(name: str) -> float:
    """Seconds since a file got its name, however old it is; none for one that is gone."""
    try:
        # Renaming a file on disk changes its ctime.
        return _seconds_since(default_storage.get_created_time(name))
    except FileNotFoundError:
        return 0


def clear_incoming(seconds: float) -> int:
    """Remove what was begun so long ago, by workers that died at it; how many files."""
    oldest, gone = time.time() - seconds, 0
    for part in _incoming().glob("*"):
        try:
            if part.is_file() and part.stat().st_mtime < oldest:
                part.unlink()
                gone += 1
        except FileNotFoundError:
            continue
    return gone


def incoming_folder() -> Path:
    """The folder where files are made, which is cleared of what nobody finished."""
    folder = _incoming()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# ── Whose they are ───────────────────────────────────────────────────────────
def nameplate() -> str:
    """The id on the nameplate; nothing where there is none. Raises `OSError`."""
    try:
        with opened(NAMEPLATE) as file:
            return file.readline(64).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return ""


def are_ours() -> bool:
    """What is kept now would lie where that of this database does: its disk is mounted."""
    try:
        _require_ours()
    except guard.Elsewhere:
        return False
    return True


def _require_ours() -> None:
    guard.require(nameplate, whereabouts)


# ── The place ────────────────────────────────────────────────────────────────
def whereabouts() -> str:
    """The place where all of it lies, for people who run the server."""
    return str(_on_disk("") or type(default_storage).__name__)


def has_room(extra: int = 0) -> bool:
    """MEDIA_FREE_BYTES_MIN stay free once so many more bytes are kept that are paid for."""
    least: int = settings.MEDIA_FREE_BYTES_MIN
    return free() - extra >= least


def room_to_spare() -> int:
    """Bytes that may be kept although nobody pays for them; less than none on a disk so full."""
    least: int = max(settings.UNPAID_FREE_BYTES_MIN, settings.MEDIA_FREE_BYTES_MIN)
    return free() - least


def free() -> int:
    """Bytes that are free on this machine's disk, through which every file comes."""
    folder = Path(settings.MEDIA_ROOT)
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free


def _on_disk(name: str) -> Path | None:
    """Its path, where files are kept on a disk of this machine."""
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:
        return None


def _incoming() -> Path:
    return Path(settings.MEDIA_ROOT) / INCOMING


def _save(name: str, content: BinaryIO) -> None:
    """Hand a file to a storage elsewhere, which takes it whole or not at all."""
    default_storage.delete(name)
    saved = default_storage.save(name, File(content))
    if saved != name:
        # Somebody else's came in between; that one is whole as well.
        default_storage.delete(saved)
        raise FileExistsError(name)


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def _seconds_since(moment: datetime) -> float:
    return time.time() - moment.timestamp()
