"""Knows, alone, where kept files lie: below MEDIA_ROOT, or in the bucket of STORAGE_URL.

While an archive moves both are looked into: new files go to the one that is `default` in STORAGES,
and what is not there may still lie in the `former` one. A name means the same content in both.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage, storages

if TYPE_CHECKING:
    from jobs.archive.kept.s3.bucket import Bucket

FORMER = "former"
INCOMING = "incoming"
"""On this machine's disk also where files are kept elsewhere; and on the volume of those that are
kept here, so that renaming is atomic."""
OUTGOING = "outgoing"
"""Films that are whole and wait for their bucket."""
NEAR = "near"
"""Copies of what lies in the bucket."""
NAMEPLATE = "nameplate"
"""The file that says whose the kept files are: an empty mount point has none."""


def everywhere() -> list[Any]:
    """The storages in which a file may lie; first the one for new files."""
    former = [storages[FORMER]] if FORMER in settings.STORAGES else []
    return [default_storage, *former]


def is_far() -> bool:
    """New files go to a bucket."""
    return _path(default_storage, "") is None


def path(name: str) -> Path | None:
    """Where a file of this name lies on this machine's disk, or would; None where none lies there.

    Raises `SuspiciousFileOperation` for a name that leads elsewhere.
    """
    found = (_path(storage, name) for storage in everywhere())
    return next((each for each in found if each), None)


def disk() -> FileSystemStorage:
    """The one on this machine's disk, where there is one."""
    return cast("FileSystemStorage", next(each for each in everywhere() if _path(each, "")))


def far() -> Bucket | None:
    """The bucket, if files may lie in one."""
    if not is_far() and FORMER not in settings.STORAGES:
        return None
    found = (each for each in everywhere() if _path(each, "") is None)
    return cast("Bucket | None", next(found, None))


def here(folder: str) -> Path:
    """A folder on this machine's disk, of what is not kept in it for good."""
    return Path(settings.MEDIA_ROOT) / folder


def setting() -> str:
    """What decides where new files go, for sentences to who runs the server."""
    return "STORAGE_URL" if is_far() else "MEDIA_ROOT"


def whereabouts() -> str:
    """The place for new files, for people who run the server."""
    bucket = far() if is_far() else None
    return bucket.whereabouts if bucket else str(path(""))


def nameplate() -> str:
    """The id on the nameplate at the place for new files; '' for none. Raises `OSError`."""
    try:
        return _nameplate_in(default_storage)
    except FileNotFoundError:
        return ""


def former_nameplate() -> str:
    """The id at the place that files are moved from; '' where there is none to be read."""
    former = everywhere()[1:]
    try:
        return _nameplate_in(former[0]) if former else ""
    except OSError:
        return ""


def _nameplate_in(storage: Any) -> str:
    with storage.open(NAMEPLATE) as file:
        number: str = file.readline(64).decode("ascii", "replace").strip()
        return number


def _path(storage: Any, name: str) -> Path | None:
    try:
        return Path(storage.path(name))
    except NotImplementedError:
        return None
