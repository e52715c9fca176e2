"""Ties the folder of kept files to the database: a file in it says whose they are.

Without it a folder whose disk is not mounted would be filled, and its videos called stored. The id
on it stands in the database as well, so it does not matter by what path a machine sees the folder.
"""

from __future__ import annotations

from uuid import uuid4

from django.db import transaction

from jobs.archive import files, guard
from jobs.models import Belongings

TEXT = """{number}
The files beside this one are the videos of a Dailies installation; the line above is its number.
Keep this file with them wherever they are moved: without it Dailies takes the folder for the mount
point of a disk that is not mounted, and does not start.
"""


class NotOurs(Exception):
    """Kept files do not lie there; `user_message` tells who runs the server what to do."""

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


@transaction.atomic
def put_up(*, adopt: bool) -> None:
    """Put up the nameplate where the folder and the database are both new.

    Else they have to know each other, or `NotOurs` is raised; unless somebody says (`adopt`) that
    they belong together from now on.
    """
    guard.expect_any()
    belongings = Belongings.locked()
    known, there = belongings.nameplate, _read()
    if known and known == there:
        return
    if (known or there) and not adopt:
        raise NotOurs(_strange(known, there))
    number = there or known or str(uuid4())
    Belongings.objects.update(nameplate=number)
    if not there:
        with files.put(files.NAMEPLATE) as part:
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
        return files.nameplate()
    except OSError as error:
        raise NotOurs(
            f"{files.SETTING} ({files.whereabouts()}) can’t be read: {error.strerror or error}. "
            "Give the user that Dailies runs as access to it."
        ) from error


def _strange(known: str, there: str) -> str:
    place = f"{files.SETTING} ({files.whereabouts()})"
    if not there:
        return (
            f"{place} is not where the videos of this database are: there is no file "
            f"“{files.NAMEPLATE}” in it. Mount its disk, or set {files.SETTING} to the right "
            "folder; if this is the right one, run: manage.py prepare --adopt-media"
        )
    whose = "another database" if known else "a database that is not this one"
    return (
        f"{place} holds the videos of {whose}. Set {files.SETTING} to a folder of its own; if they "
        "are this one’s, run: manage.py prepare --adopt-media"
    )
