"""What is kept, folder by folder, and for how long it has been there."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import PurePosixPath

from django.core.files.storage import default_storage

from jobs.archive.kept import places


def folders(above: str = "") -> list[str]:
    """The names of the folders in a folder, or at the top."""
    return [str(PurePosixPath(above, each)) for each in _listed(above)[0]]


def names(folder: str) -> list[str]:
    """Of the files in a folder, and not of those in folders of its own."""
    return [str(PurePosixPath(folder, each)) for each in _listed(folder)[1]]


def ages(folder: str) -> dict[str, float]:
    """Seconds since each file in a folder was written, by their names."""
    bucket = places.far() if places.is_far() else None
    if bucket is None:
        return {name: age(name) for name in names(folder)}
    listed = bucket.listed(folder).items()
    return {f"{folder}/{name}": _seconds_since(each.modified) for name, each in listed}


def age(name: str) -> float:
    """Seconds since a file was written; none for one that was taken away meanwhile."""
    try:
        return _seconds_since(default_storage.get_modified_time(name))
    except FileNotFoundError:
        return 0


def time_in_place(name: str) -> float:
    """Seconds since a file got its name, however old it is; none for one that is gone."""
    try:
        # Renaming a file on disk changes its ctime, and one in a bucket is written anew.
        return _seconds_since(default_storage.get_created_time(name))
    except FileNotFoundError:
        return 0


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def _seconds_since(moment: datetime) -> float:
    return time.time() - moment.timestamp()
