"""Waits for connections that can be moved, and asks none what it waits for that has not changed.

waitress's own loop asks each of them each time, so that hundreds that do nothing cost each request.
"""

from __future__ import annotations

import select
from typing import Any

from waitress import wasyncore


class Loop:
    """The connections of one server, by the number of their file; used by one thread.

    What a connection waits for changes in its own events, and by a thread while that works on one
    of its requests. So it is looked at after an event, and as long as there is a request.
    """

    def __init__(self, connections: dict[int, Any]) -> None:
        self.connections = connections
        self._poll = select.poll()
        self._waits_for: dict[int, int] = {}
        self._changed: set[int] = set()

    def look_at(self, number: int) -> None:
        """A connection is new, or may wait for something else than before."""
        self._changed.add(number)

    def look_at_all(self) -> None:
        self._changed.update(self.connections)

    def forget(self, number: int) -> None:
        """A connection is about to be closed; its number may be another's at once."""
        self._changed.discard(number)
        self._unregister(number)

    def turn(self, seconds: float) -> None:
        """Moves what can be moved, and waits at most so long for something to move."""
        changed, self._changed = self._changed, set()
        for number in changed:
            self._register(number)
        for number, events in self._poll.poll(seconds * 1000):
            # Not one that was closed since, in favor of a new one with its number.
            if number in self._waits_for:
                self._changed.add(number)
                wasyncore.readwrite(self.connections[number], events)

    def _register(self, number: int) -> None:
        connection = self.connections.get(number)
        if connection is None:
            return
        # The listening socket and the like have no requests, and are always looked at. Asked first:
        # a thread may finish the last one in between.
        if getattr(connection, "requests", True):
            self._changed.add(number)
        events = 0
        if connection.readable():
            events |= select.POLLIN | select.POLLPRI
        if connection.writable() and not connection.accepting:
            events |= select.POLLOUT
        if self._waits_for.get(number, 0) != events:
            if events:
                self._poll.register(number, events)
                self._waits_for[number] = events
            else:
                self._unregister(number)

    def _unregister(self, number: int) -> None:
        if self._waits_for.pop(number, None) is not None:
            self._poll.unregister(number)
