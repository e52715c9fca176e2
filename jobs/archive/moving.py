"""Moves an archive between the disk and the bucket, while everything goes on.

New files go to the new place and all are found in either, so nobody waits for it. It keeps no
account of how far it came: each file is compared at both places, whoever moved it, so it can be
stopped at any moment, killed, begun again, or run twice at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.archive.kept import files, nameplate, places
from jobs.archive.kept.s3.sums import Sums, sums_of
from jobs.machine import disk
from jobs.models import Belongings, Image, Rendition

FOLDERS = re.compile("[0-9a-f]{2}|images|shares|unowned")
"""At the top, of what is kept; the others are made anew by each machine."""


class NotMoved(Exception):
    """Nothing can be moved as things are set; says what to set."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one file."""

    name: str
    bytes: int
    trouble: str = ""
    """Why it stays where it is; '' where it is at the new place, and the same."""
    was_there: bool = False
    is_removed: bool = False


def require(to: str) -> None:
    """Raise `NotMoved` unless both places are this database's, and new files go where `to` says."""
    if len(places.everywhere()) == 1:
        raise NotMoved("Set STORAGE_URL to the bucket first, and restart everything with it.")
    if to == "bucket" and not places.is_far():
        raise NotMoved("New videos go to the disk: take STORAGE_NEW away, and restart everything.")
    if to == "disk" and places.is_far():
        raise NotMoved("New videos go to the bucket: set STORAGE_NEW=disk, and restart everything.")
    try:
        nameplate.require()
    except nameplate.NotOurs as error:
        raise NotMoved(error.user_message) from error
    if places.former_nameplate() != Belongings.current().nameplate:
        raise NotMoved(
            "The place to move videos from is not this database’s, or can’t be read: there is no "
            f"file “{places.NAMEPLATE}” of it there."
        )


def waiting() -> Iterator[tuple[str, int]]:
    """The names and bytes of what is not at the new place yet, by name alone."""
    new, former = places.everywhere()
    for folder in _folders(former):
        there = set(_names(new, folder))
        for name in _names(former, folder):
            if name not in there:
                yield name, former.size(f"{folder}/{name}")


def move(*, remove: bool) -> Iterator[Moved]:
    """Bring each file to the new place, or find it there, and compare; `remove`: then not before.

    Raises `OSError` where a place does not answer or has no room: what was done is done.
    """
    _, former = places.everywhere()
    for folder in _folders(former):
        sums = _known_sums(folder)
        for short in _names(former, folder):
            name = f"{folder}/{short}"
            try:
                yield _moved(name, sums.get(name, ""), remove=remove)
            except FileNotFoundError:
                continue  # deleted for good, or moved by somebody else, a moment ago


def missing() -> list[str]:
    """The videos and images that rows name and that are not at the new place."""
    new = places.everywhere()[0]
    films = Rendition.objects.filter(state=Rendition.State.STORED).values_list("file", flat=True)
    images = Image.objects.exclude(file="").values_list("file", flat=True)
    there: dict[str, set[str]] = {}
    lacking = []
    for name in [*films.iterator(), *images.iterator()]:
        folder, _, short = name.rpartition("/")
        if folder not in there:
            there[folder] = set(_names(new, folder))
        if short not in there[folder]:
            lacking.append(name)
    return lacking


def _moved(name: str, sha256: str, *, remove: bool) -> Moved:
    moved = _to_bucket(name, sha256) if places.is_far() else _to_disk(name, sha256)
    if sha256 and not _is_wanted(name):
        files.delete(name)
    elif remove and not moved.trouble:
        places.everywhere()[1].delete(name)
        return Moved(moved.name, moved.bytes, was_there=moved.was_there, is_removed=True)
    return moved


def _to_bucket(name: str, sha256: str) -> Moved:
    path = Path(places.disk().path(name))
    sums, size = sums_of(path), path.stat().st_size
    if sha256 and sums.sha256 != sha256:
        return Moved(name, size, "it is damaged on the disk")
    bucket = _bucket()
    if bucket.has(name, size, sums):
        return Moved(name, size, was_there=True)
    bucket.send(name, path)
    return Moved(name, size)


def _to_disk(name: str, sha256: str) -> Moved:
    bucket = _bucket()
    path = Path(places.disk().path(name))
    if path.exists() and _is_right(name, path, sha256, bucket):
        return Moved(name, path.stat().st_size, was_there=True)
    with files.incoming(path.suffix) as part:
        bucket.fetch(name, part)
        size = part.stat().st_size
        if not _is_right(name, part, sha256, bucket):
            return Moved(name, size, "it is damaged in the bucket")
        disk.sync(part)
        files.keep({name: part})
    return Moved(name, size)


def _is_right(name: str, path: Path, sha256: str, bucket: Any) -> bool:
    """A copy on the disk is what the row says; of what has none, what the bucket says."""
    sums: Sums = sums_of(path)
    return sums.sha256 == sha256 if sha256 else bucket.has(name, path.stat().st_size, sums)


def _is_wanted(name: str) -> bool:
    """Somebody's row still names it: nobody deleted it for good while it was on its way."""
    films = Rendition.objects.filter(file=name).exclude(state=Rendition.State.PURGED)
    return films.exists() or Image.objects.filter(file=name).exists()


def _known_sums(folder: str) -> dict[str, str]:
    """The hashes that rows tell of the films, or images, in a folder."""
    named: dict[str, str] = {}
    for rows in (Rendition.objects.exclude(state=Rendition.State.PURGED), Image.objects.all()):
        named |= dict(rows.filter(file__startswith=f"{folder}/").values_list("file", "sha256"))
    return named


def _folders(storage: Any, above: str = "") -> Iterator[str]:
    """All folders of kept files, those in others too."""
    for each in sorted(_listed(storage, above)[0]):
        if above or FOLDERS.fullmatch(each):
            folder = f"{above}/{each}" if above else each
            yield folder
            yield from _folders(storage, folder)


def _names(storage: Any, folder: str) -> list[str]:
    return sorted(_listed(storage, folder)[1])


def _listed(storage: Any, folder: str) -> tuple[list[str], list[str]]:
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return [], []
    return folders, names


def _bucket() -> Any:
    return places.far()
