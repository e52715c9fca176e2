"""A connection whose other end is a function: the product's own sockets, and no server."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.servers.messages import Seen, read_request

Answer = Callable[[Seen], bytes]
"""What the other end does with a request: the bytes it says before it closes, or it raises."""


class Line(socket.socket):
    """Our end. The other end acts at the moment in which we wait for its answer."""

    def __init__(self, answer: Answer) -> None:
        ours, self._theirs = socket.socketpair()
        super().__init__(ours.family, ours.type, ours.proto, fileno=ours.detach())
        self._answer = answer

    def recv_into(self, *args: Any) -> int:
        if self._theirs.fileno() != -1:
            with self._theirs:
                request = read_request(self._theirs)
                assert request is not None
                self._theirs.sendall(self._answer(request))
        return super().recv_into(*args)

    def close(self) -> None:
        self._theirs.close()
        super().close()


@contextmanager
def plugged_in(dial: Callable[[], Answer]) -> Iterator[None]:
    """Every connection that urllib3 opens leads to the answer that `dial` gives, if it does."""

    def connect(*_: object, **__: object) -> Line:
        return Line(dial())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("urllib3.util.connection.create_connection", connect)
        yield
