"""Tells a database that is away from a question that it does not take."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db import InterfaceError, OperationalError, connection

from jobs.machine.outages import Outage, described

AWAY = Outage(
    logging.getLogger(__name__),
    "The database can’t be reached (%s). Nothing goes on until it can.",
    "The database is back.",
    lasts=60,
)
PASSING = ("08", "53", "57P")
"""SQLSTATEs: no connection, no resources (room among them), stopped or just starting."""


def is_away(error: BaseException | None) -> bool:
    """It could not be asked, or has no room: whoever asks again later may get an answer."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if name := getattr(cause, "sqlite_errorname", ""):
        return name != "SQLITE_ERROR"  # no such table, and the like
    # None where it broke before the server could say anything.
    state: str | None = getattr(cause, "sqlstate", None)
    return state is None or state.startswith(PASSING)


def broke(error: Exception, logger: logging.Logger, text: str, *facts: Any) -> None:
    """Log what broke, with its traceback; of a database that is away only that it is, once."""
    if is_away(error):
        AWAY.noticed(described(error))
    else:
        logger.error(text, *facts, exc_info=error)


def file() -> Path | None:
    """Where a SQLite database lies; None for any other."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or ":memory:" in name:
        return None
    return Path(unquote(urlsplit(name).path) if name.startswith("file:") else name)


def make_file() -> None:
    """Make the file of a SQLite database, empty, where there is none: nothing else makes it."""
    if path := file():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
