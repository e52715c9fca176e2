"""Looks after what is kept: every file is the one that was stored, and none lies about unowned.

A file that is missing or damaged is said to be so on its job's page, and fetched again while the
provider still has it. One that is put back by hand (from a backup) is found and shown again.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Now
from django.utils import timezone

from jobs.archive.announcing import hold, show
from jobs.archive.intake.images import ORPHANED_FOR
from jobs.archive.kept import files, places, posters, walking
from jobs.archive.kept.away import Unreachable
from jobs.models import Image, Job, Life, Rendition
from jobs.times import clock

logger = logging.getLogger(__name__)

SHARES = 32
"""The nights in which all of the archive is gone through once."""
SHARE_BITS = 123
"""The bits of an id below those five that tell whose share it is in."""
FOLDER_BITS = 120
"""The bits of an id below those eight that name its folder."""
FOLDERS = re.compile("[0-9a-f]{2}")
ASIDE = "unowned"
KEPT_ASIDE_SECONDS = 30 * 24 * 3600
SETTLED_SECONDS = 300
"""By then whoever keeps a film has committed its row, or never will."""
MISSING_MIN = 3
"""So many missing files at least are a matter of the disk, if they are half of all."""
CHUNK = 1024 * 1024


class FilesMissing(Exception):
    """Most of the archive is not there: its disk is not mounted, and no file is to blame."""


class _Absent(Exception):
    """A file cannot be opened, for whatever reason."""


class Look(Protocol):
    """Looks at one file and says what is amiss; a missing one counts only where that is sure."""

    def __call__(self, *, condemn: bool = False) -> str: ...


def tonight() -> int:
    """The share of this night."""
    return timezone.localdate().toordinal() % SHARES


def check(
    share: int | None = None,
    go_on: Callable[[], bool] = lambda: True,
    believe: bool = False,
    deep: bool = False,
) -> Iterator[str]:
    """Hash what is kept, all of it or one share, and yield a sentence for every file amiss.

    Damage is noted on the row at once. Files that cannot be opened are collected first, and only
    noted if the rest of the archive, not of the share alone, is in its place. Where every file is
    missing, or half of all and three at least, the disk is to blame: `FilesMissing` is raised and
    no row changes, however many new files lie on the bare mount point by then. `believe` says that
    they are really lost. Of what lies in a bucket the hash is the one that it was sent with, unless
    `deep` has all of it read. Ends early when `go_on` says so.

    Raises `Unreachable` where a bucket does not answer, too: of its files nothing is known.
    """
    kept = Rendition.objects.exclude(file="")
    pictures = Image.objects.exclude(file="")
    if share is not None:
        first, last = _ids(share, SHARE_BITS)
        kept = kept.filter(pk__range=(first, last))
        pictures = pictures.filter(pk__range=(first, last))
    looks: list[Look] = [
        partial(_checked, number, deep) for number in kept.values_list("pk", flat=True)
    ]
    looks += [
        partial(_checked_picture, *row, deep) for row in pictures.values_list("file", "sha256")
    ]
    absent: list[Look] = []
    for look in looks:
        if not go_on():
            return
        try:
            if text := look():
                yield text
        except _Absent:
            absent.append(look)
    if absent and not believe:
        _require_the_rest()
    for look in absent:
        if not go_on():
            return
        if text := look(condemn=True):
            yield text


def remove_orphans() -> int:
    """Put aside films that belong to no row for a day or longer, or since before the database was
    restored, when nobody was at work; how many files.

    A killed worker leaves one behind when it was renamed into place and never committed; but so
    does the restoring of an older database. They lie in `unowned` for a month, then they go, as
    parts of a transfer do at once.
    """
    gone = files.clear_incoming(ORPHANED_FOR.total_seconds())
    for name in walking.names(ASIDE):
        if walking.time_in_place(name) > KEPT_ASIDE_SECONDS:
            files.delete(name)
            gone += 1
    orphans: list[str] = []
    age = _age_of_orphans()
    for folder in filter(FOLDERS.fullmatch, walking.folders()):
        ages = walking.ages(folder)
        old = [name for name in ages if _is_a_film_of(age, name, ages[name])]
        rows = Rendition.objects.filter(pk__range=_ids(int(folder, 16), FOLDER_BITS))
        owned = _owned(rows) if old else ()
        orphans += [name for name in old if name not in owned]
    for name in orphans:
        logger.warning("put %s aside: it belongs to nothing", name)
        files.move(name, f"{ASIDE}/{PurePosixPath(name).name}")
    return gone + len(orphans)


def _owned(rows: QuerySet[Rendition]) -> set[str]:
    """The names of all files that belong to these."""
    kept = rows.values_list("file", "poster")
    return {name for film, poster in kept for name in (film, *posters.names(poster))}


def _age_of_orphans() -> float:
    """Seconds after which a film without a row can be nobody's who is still at it."""
    life = Life.objects.exclude(left_off_at=None).first()
    usual = ORPHANED_FOR.total_seconds()
    if life is None:
        return usual
    since = (timezone.now() - life.began_at).total_seconds()
    return min(max(since, SETTLED_SECONDS), usual)


def _is_a_film_of(age: float, name: str, its_age: float) -> bool:
    """At least so old; or its posters. What else an admin may have put there is none of ours."""
    return PurePosixPath(name).match("*-*.*") and its_age > age


def _require_the_rest() -> None:
    """Raise `FilesMissing` unless the files that are missing are few among all that are kept."""
    films = Rendition.objects.exclude(file="").values_list("file", "state")
    pictures = Image.objects.exclude(file="").values_list("file", Value(Rendition.State.STORED))
    number = missing = 0
    for rows in (films, pictures):
        for file, state in rows.iterator():
            is_there = files.is_there(file)
            # Of one that was noted before, only its being there tells something.
            number += is_there or state == Rendition.State.STORED
            missing += not is_there and state == Rendition.State.STORED
    if missing == number or (missing >= MISSING_MIN and 2 * missing >= number):
        raise FilesMissing(
            f"{missing} of {number} kept files were not found under {places.whereabouts()}. "
            "Is its disk mounted? None of them was marked."
        )


def _ids(number: int, bits: int) -> tuple[UUID, UUID]:
    """The first and the last id that begin with this number, before so many other bits."""
    return UUID(int=number << bits), UUID(int=(number + 1 << bits) - 1)


def _checked_picture(file: str, sha256: str, deep: bool, condemn: bool = False) -> str:
    trouble = _trouble(file, sha256, deep, condemn)
    return f"The picture {file} {trouble}." if trouble else ""


def _checked(rendition_id: UUID, deep: bool, condemn: bool = False) -> str:
    """Compare one file with its row, and note on the row what is new."""
    row = Rendition.objects.exclude(file="").filter(pk=rendition_id).first()
    if row is None:
        return ""
    # Only a row that stands as it did when its file was looked at.
    rows = Rendition.objects.filter(pk=row.pk, state=row.state, sha256=row.sha256)
    trouble = _trouble(row.file, row.sha256, deep, condemn or not row.is_stored)
    if trouble and row.is_stored:
        text = f"Our file {trouble}."
        with transaction.atomic():
            hold(row)
            if _is_at_the_provider(row):
                text += " It is being fetched again."
                changed = rows.update(state=Rendition.State.WAITING, try_at=Now(), problem=text)
            else:
                changed = rows.update(state=Rendition.State.EXPIRED, try_at=None, problem=text)
            if changed:
                show(row, closed_at=None, closed_by=None)
        return f"The file {row.file} of job {row.job_id} {trouble}."
    if not trouble and row.is_closed_unstored:
        with transaction.atomic():
            hold(row)
            if rows.update(state=Rendition.State.STORED, try_at=None, problem=""):
                show(row)
    return ""


def _is_at_the_provider(row: Rendition) -> bool:
    recent = clock.after(-row.job.retention.total_seconds())
    return Job.objects.filter(pk=row.job_id, finished_at__gt=recent).exists()


def _trouble(name: str, sha256: str, deep: bool, condemn: bool) -> str:
    """Find the fault of a file, as the end of a sentence; nothing for a good one.

    Raises `_Absent` for one that cannot be read, unless it is to be condemned for that.
    """
    try:
        found = ("" if deep else files.noted_sha256(name)) or _hashed(name)
    except Unreachable:
        raise
    except OSError as error:
        if not condemn:
            raise _Absent from error
        return "is missing" if isinstance(error, FileNotFoundError) else "cannot be read"
    return "" if found == sha256 else "is damaged"


def _hashed(name: str) -> str:
    digest = hashlib.sha256()
    with files.opened(name) as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()
