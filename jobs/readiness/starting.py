"""What must be right before a process of Dailies begins its work.

Each asks at its start, and ends with a sentence instead of failing at every page or order: what is
wrong with one machine must not become a fault of a key, a video or a job.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sized
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.checks import run_checks
from django.core.management.base import CommandError
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from jobs import checks, database
from jobs.archive.kept import nameplate
from jobs.credentials import specimen
from jobs.machine.outages import described

logger = logging.getLogger(__name__)

DATABASE_SECONDS = 60
"""Seconds for which a database that is just starting is waited for."""
PAUSE_LAST_SECONDS = 10
PREPARE = "run: manage.py prepare"


class NotReady(CommandError):
    """Why this process does not begin, in a sentence that says what to do."""


def require(*, pages: bool = False) -> None:
    """Return once all is right; raise `NotReady` where it is not. `pages`: also what those need."""
    require_settings()
    _wait_for_database()
    _require_tables()
    if pages:
        require_static_files()
    try:
        specimen.require()
        nameplate.require()
    except (specimen.Unfit, nameplate.NotOurs) as error:
        raise NotReady(error.user_message) from error


def require_settings() -> None:
    """Raise `NotReady` for the first setting that cannot be."""
    for error in run_checks(tags=[checks.TAG]):
        raise NotReady(" ".join(filter(None, (error.msg, error.hint))))


def _wait_for_database() -> None:
    """Said once, with growing pauses; a file that is not there does not come by waiting."""
    deadline, pause = time.monotonic() + DATABASE_SECONDS, 0.5
    while True:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            if connection.vendor == "sqlite":
                raise NotReady(_not_opened(error)) from error
            if time.monotonic() > deadline:
                raise NotReady(
                    f"The database did not answer for {DATABASE_SECONDS} seconds: {error}"
                ) from error
            if pause < 1:
                logger.warning("waiting for the database: %s", error)
            time.sleep(pause)
            pause = min(2 * pause, PAUSE_LAST_SECONDS)
        else:
            return


def why_unusable(error: DatabaseError) -> str:
    """Why a command found no use for the database; empty where that is no fault of this machine."""
    if database.is_away(error):
        if connection.vendor == "sqlite":
            return _not_opened(error)
        return f"The database can’t be reached: {described(error)}"
    try:
        lacking = migrations_lacking()
    except DatabaseError:
        return ""
    return _lacks(lacking) if lacking else ""


def _not_opened(error: DatabaseError) -> str:
    return f"The database can’t be opened ({error}); {PREPARE}"


def _lacks(lacking: Sized) -> str:
    return f"The database lacks {_some(lacking, 'migration')}; first {PREPARE}"


def migrations_lacking() -> Sized:
    """Those of this code that the database has not been through. A newer code's do no harm."""
    executor = MigrationExecutor(connection)
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


def _require_tables() -> None:
    if lacking := migrations_lacking():
        raise NotReady(_lacks(lacking))


def require_static_files() -> None:
    """A page that links a file which was never collected cannot be drawn. Raises `NotReady`."""
    lacking: list[str] = getattr(staticfiles_storage, "lacking", list)()
    if lacking:
        first = "make the image anew" if has_baked_static_files() else f"first {PREPARE}"
        raise NotReady(
            f"Not collected: {_some(lacking, 'static file')}, such as {lacking[0]}; {first}"
        )


def has_baked_static_files() -> bool:
    """Whether they came along with an image: their folder is there, and not ours to write to."""
    folder = settings.STATIC_ROOT
    return Path(folder).exists() and not os.access(folder, os.W_OK)


def _some(lacking: Sized, what: str) -> str:
    number = len(lacking)
    return f"{number} {what}{'' if number == 1 else 's'} of this version"
