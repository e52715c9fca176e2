"""Does what may break, so that it keeps nothing else from its turn."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import Error as DatabaseProblem
from django.db import connection

from jobs import database

logger = logging.getLogger(__name__)


def broke(error: Exception, logger: logging.Logger, said: str, *facts: object) -> None:
    """Log it. A connection on which the database failed may be to one that is gone for good, and
    count as usable all the same.
    """
    database.broke(error, logger, said, *facts)
    if isinstance(error, DatabaseProblem):
        connection.close()
    else:
        connection.close_if_unusable_or_obsolete()


def attempt(act: Callable[[], object], said: str, *facts: object) -> None:
    """Do one thing; whatever breaks it keeps nothing else from its turn."""
    # Each thread has a connection of its own. Of one that a restarted database has left the next
    # query makes a new one, instead of losing what it was to tell.
    connection.close_if_unusable_or_obsolete()
    try:
        act()
    except Exception as error:  # noqa: BLE001  # logged there
        broke(error, logger, said, *facts)
