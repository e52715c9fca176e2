"""A connection to PostgreSQL that is kept from one request to the next."""

from __future__ import annotations

import select
import time

from django.db.backends.postgresql import base

ASKED_AFTER = 15
"""Seconds without an answer from the server, after which it is asked. A line that has been quiet
for as long is tried by the system as well (`keepalives_idle`)."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Believes in a line of which an answer came a moment ago, and no goodbye since.

    Django asks at the beginning of each request, which is a third of what an unchanged poll costs
    the database. A server that stops, or ends a connection, says so: then there is something to
    read while nothing was asked, and only then, or after a while, the question is worth its time.
    """

    _asked_at = float("-inf")

    def is_usable(self) -> bool:
        """Whether anything can be asked, as far as is known without asking each time."""
        now = time.monotonic()
        if self._is_quiet() and now < self._asked_at + ASKED_AFTER:
            return True
        usable: bool = super().is_usable()
        if usable:
            self._asked_at = now
        return usable

    def _is_quiet(self) -> bool:
        """The line is open, nothing on it is unread, and nothing went wrong on it."""
        if self.connection is None or self.connection.closed or self.errors_occurred:
            return False
        watched = select.poll()
        watched.register(self.connection.fileno(), select.POLLIN)
        return not watched.poll(0)
