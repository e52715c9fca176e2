"""A wall clock over one HTTP exchange, and the proof of whether anything was sent."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType


class Deadline:
    """Cuts one connection when its time is up, whatever the other side is trickling.

    requests' own timeout counts from one read to the next, so a server that sends a byte now
    and then holds the caller for ever, in the headers as well as in the body. Here a timer
    shuts the socket down; the blocked read ends at once, and `passed` tells why.

    What the timer cannot cut is bounded elsewhere: connecting and the TLS handshake by the
    connect timeout, name resolution by the resolver's own configuration. When the time runs
    out in there, `watch` refuses the finished connection, so that a late request is never sent.
    """

    def __init__(self, seconds: float) -> None:
        self.opened = False
        """True from the moment bytes of a request may have left this machine."""
        self.passed = False
        """True once the time was up."""
        self._handle: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    def watch(self, sock: socket.socket) -> None:
        """Take charge of a finished connection, before its first byte is sent.

        Raises TimeoutError when the time is up already: the request must not go out then.
        """
        with self._lock:
            if self.passed:
                raise TimeoutError("the deadline passed before sending")
            # A duplicate of our own: the reader may close its descriptor at any moment, and the
            # number could belong to another connection by the time the timer fires.
            self._handle = socket.fromfd(sock.fileno(), sock.family, sock.type)
            self.opened = True

    def _cut(self) -> None:
        with self._lock:
            self.passed = True
            if self._handle is not None:
                with suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)
