"""Clients that take their time: they stop reading, or send a byte now and then."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

LITTLE = 4096
"""What a client's own buffer takes in before it has to read."""


def head(method: str, path: str, headers: Mapping[str, str]) -> str:
    """The beginning of a request, without the empty line that ends it."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    return "\r\n".join(lines + [f"{name}: {value}" for name, value in headers.items()]) + "\r\n"


@dataclass
class Slow:
    """One client: it sends `begins` at once, then `goes_on`, a byte each time it is told to."""

    port: int
    begins: str
    goes_on: str = ""
    socket: socket.socket = field(init=False)
    _sent: int = 0

    def open(self) -> Slow:
        self.socket = socket.socket()
        # Small, and set before anybody connects: a film does not fit into it.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", self.port))
        self.socket.sendall(self.begins.encode())
        self._sent = 0
        return self

    def send_a_byte(self) -> None:
        """Goes on; who was let go begins anew."""
        if self._sent < len(self.goes_on):
            try:
                self.socket.sendall(self.goes_on[self._sent].encode())
            except OSError:
                self.close()
                self.open()
            else:
                self._sent += 1

    def has_begun(self) -> bool:
        """The beginning of its answer is there, to be read some day."""
        return bool(_can_read(self.socket))

    def close(self) -> None:
        with suppress(OSError):
            self.socket.close()


def reader(port: int, path: str, headers: Mapping[str, str]) -> Slow:
    """Asks for a file, and never reads it."""
    return Slow(port, head("GET", path, headers) + "\r\n")


def header_sender(port: int) -> Slow:
    """Never comes to the end of its headers."""
    return Slow(port, head("GET", "/", {}), "X-Long: " + "a" * 10_000)


def body_sender(port: int, path: str, headers: Mapping[str, str], length: int) -> Slow:
    """Says how much it will send, and sends it a byte at a time."""
    told = {**headers, "Content-Length": str(length)}
    return Slow(port, head("POST", path, told) + "\r\n", "a" * length)


def _can_read(connection: socket.socket) -> bool:
    # Not select, which knows a thousand open files at most.
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        return bool(selector.select(0))
