"""Ties the folder of kept files to the database: a file in it says whose they are.

Without it a folder whose disk is not mounted would be filled, and its videos called stored. The id
on it stands in the database as well, so it does not matter by what path a machine sees the folder.
"""

from __future__ import annotations

import time
from typing import NamedTuple
from uuid import uuid4

from django.db import transaction

from jobs.archive.kept import files, guard, places
from jobs.letters.explained import Explained
from jobs.models import Belongings

LOOKS = 6
LOOK_SECONDS = 0.5
TEXT = """{number}
The files beside this one are the videos of a Dailies installation; the line above is its number.
Keep this file with them wherever they are moved: without it Dailies takes the folder for the mount
point of a disk that is not mounted, and does not start.
"""


class NotOurs(Explained):
    """Kept files do not lie there; `user_message` tells who runs the server what to do."""


def put_up(*, adopt: bool) -> None:
    """Put up the nameplate where the place for new files and the database are both new, or where
    the place that files are moved from has it.

    Else they have to know each other, or `NotOurs` is raised; unless somebody says (`adopt`) that
    they belong together from now on.
    """
    guard.expect_any()
    moved = places.former_nameplate()
    if places.is_far():
        _put_up_afar(moved, adopt=adopt)
    else:
        _put_up_here(moved, adopt=adopt)


@transaction.atomic
def _put_up_here(moved: str, *, adopt: bool) -> None:
    Belongings.locked()  # so that nobody puts one up between the look and the word
    there = _read()
    number = _agreed(there, moved, adopt=adopt)
    if not there:
        _write(number)


def _put_up_afar(moved: str, *, adopt: bool) -> None:
    """The bucket is asked outside of the transaction: so a machine that is prepared at the same
    time finds the number before the nameplate, and looks again.
    """
    there = _read()
    for _ in range(LOOKS):
        if there or moved or adopt or not Belongings.current().nameplate:
            break
        time.sleep(LOOK_SECONDS)
        there = _read()
    with transaction.atomic():
        number = _agreed(there, moved, adopt=adopt)
    if not there:
        _write(number)


def _agreed(there: str, moved: str, *, adopt: bool) -> str:
    """The number that both have from now on."""
    known = Belongings.locked().nameplate
    if known and known in {there, "" if there else moved}:
        return known
    if (known or there) and not adopt:
        raise NotOurs(_strange(known, there))
    number = there or known or str(uuid4())
    Belongings.objects.update(nameplate=number)
    return number


def _write(number: str) -> None:
    with files.put(places.NAMEPLATE) as part:
        part.write_text(TEXT.format(number=number), encoding="ascii")


def require() -> None:
    """Raise `NotOurs` where the folder is not the one; keep nothing elsewhere from now on.

    Of a database that never had one, since nobody prepared it, nothing is required.
    """
    if known := _found():
        guard.expect(known)
    else:
        guard.expect_any()


def trouble() -> str:
    """The reason why the folder is not the one, for who runs the server; empty where it is."""
    try:
        _found()
    except NotOurs as error:
        return error.user_message
    return ""


def _found() -> str:
    """The id of this database, which the folder has too; empty where none is known."""
    known = Belongings.current().nameplate
    if known and known != (there := _read()):
        raise NotOurs(_strange(known, there))
    return known


def _read() -> str:
    try:
        return places.nameplate()
    except OSError as error:
        raise NotOurs(
            f"{_place()} can’t be read: {error.strerror or error}. {_words().access}"
        ) from error


class _Words(NamedTuple):
    """How a place is spoken of."""

    place: str
    access: str
    find: str


FOLDER = _Words(
    "folder",
    "Give the user that Dailies runs as access to it.",
    "Mount its disk, or set {setting} to the right folder",
)
BUCKET = _Words(
    "bucket or folder in it",
    "See whether it answers, and STORAGE_KEY_ID and STORAGE_SECRET.",
    "Set {setting} to the right bucket",
)


def _words() -> _Words:
    return BUCKET if places.is_far() else FOLDER


def _place() -> str:
    return f"{places.setting()} ({places.whereabouts()})"


def _strange(known: str, there: str) -> str:
    words = _words()
    if not there:
        find = words.find.format(setting=places.setting())
        return (
            f"{_place()} is not where the videos of this database are: there is no file "
            f"“{places.NAMEPLATE}” in it. {find}; if this is the right one, run: "
            "manage.py prepare --adopt-media"
        )
    whose = "another database" if known else "a database that is not this one"
    return (
        f"{_place()} holds the videos of {whose}. Set {places.setting()} to a {words.place} of its "
        "own; if they are this one’s, run: manage.py prepare --adopt-media"
    )
