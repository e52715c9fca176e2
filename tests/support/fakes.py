"""Stand-ins for the outside world: `Wire`, a provider's HTTP server that can also misbehave."""

from __future__ import annotations

import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.servers.messages import Seen, dump, head, lines, read_request, reset, status_line

_PATIENCE = 10.0
"""Seconds after which a helper gives up waiting, so that a broken test fails and does not hang."""


Play = Callable[[socket.socket, Seen], bool]
"""What a script does with a connection whose request it has read; True keeps it open."""


@dataclass(frozen=True, eq=False)
class _Script:
    play: Play
    path: str = ""
    always: bool = False
    after: threading.Event | None = None


class Wire:
    """A real HTTP server on 127.0.0.1, below `requests`, that does what a test tells it to.

    Script it first, then run the code under test against `wire.url`, then look at what it saw::

        def test_a_video_is_ordered(wire):
            wire.answer(json={"code": 200, "data": {"taskId": "abc"}})
            Kie(base_url=wire.url).submit(KEY, REQUEST)
            assert wire.requests[0].json["prompt"] == "A lighthouse"

    **Scripts** are used up in the order they were given, one per request:

    ============================  ===============================================================
    `answer(200, json=…)`         an ordinary answer; or `body=` bytes, `headers=`, `keep_alive=`
    `reply(lambda seen: {…})`     an answer computed from the request, as JSON with status 200
    `redirect(to)`                307 (or another status) to an address
    `gzip_bomb(megabytes)`        about 1 kB of gzip for each MB that it becomes
    `truncated()`                 a Content-Length, half a body, then a clean close
    `rst()` / `eof()`             the request is read, then the connection is reset / closed
    `hang()`                      the request is read, then nothing, until the client gives up
    `trickle_headers()`           one header byte at a time, for ever
    `trickle_body()`              good headers, then one byte at a time, for ever
    `raw(b"…")`                   these bytes, then a close; `raw_then_hang(b"…")`: no close
    ============================  ===============================================================

    Each takes `path="record-info"` to wait for a request whose path contains it (the first script
    that fits is played), `always=True` to stay after use, and `after=event` to hold the answer
    back until a `threading.Event` is set. A request that nobody scripted gets 599 and lands in
    `unscripted`; the `wire` fixture fails the test for it.

    **Before any request**: set `on_connect` to "rst" (at the client's first byte) or "hang" to do
    that to each new connection, or to bytes to be said at once. For a client that wants TLS this
    is the middle of the handshake.

    **Looking**: `requests` (a list of `Seen`), `connections` (how many were opened),
    `posts` (the requests that may cost money), `wait_for(n)` (until n requests have arrived).
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Seen] = []
        self.unscripted: list[Seen] = []
        self.connections = 0
        self.on_connect: str | bytes = ""
        self._tls = tls
        self._scripts: list[_Script] = []
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, name="wire", daemon=True)
        self._acceptor.start()

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def posts(self) -> list[Seen]:
        return [seen for seen in self.requests if seen.method == "POST"]

    def wait_for(self, count: int) -> list[Seen]:
        """The first `count` requests, as soon as they have arrived."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: len(self.requests) >= count, _PATIENCE)
        assert arrived, f"only {len(self.requests)} of {count} requests arrived"
        return self.requests[:count]

    # ── Scripts ──────────────────────────────────────────────────────────────────────────────────

    def answer(
        self,
        status: int = 200,
        *,
        json: object = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        keep_alive: bool = False,
        path: str = "",
        always: bool = False,
        after: threading.Event | None = None,
    ) -> None:
        """Answer with a status and either `json` or raw `body` bytes.

        `keep_alive` leaves the choice of closing to the client, and closes when it is idle.
        """
        content = dump(json) if body is None else body
        message = head(status, content, headers or {}, keep_alive=keep_alive) + content

        def play(connection: socket.socket, seen: Seen) -> bool:
            connection.sendall(message)
            return keep_alive

        self._script(play, path=path, always=always, after=after)

    def forget(self) -> None:
        """Drop all scripts and all that was seen, to begin anew with the same server."""
        with self._changed:
            self._scripts.clear()
            self.requests.clear()
            self.unscripted.clear()

    def reply(
        self,
        make: Callable[[Seen], object],
        *,
        path: str = "",
        always: bool = False,
        after: threading.Event | None = None,
    ) -> None:
        """Answer 200 with the JSON that `make` returns for the request."""

        def play(connection: socket.socket, seen: Seen) -> bool:
            content = dump(make(seen))
            connection.sendall(head(200, content, {}) + content)
            return False

        self._script(play, path=path, always=always, after=after)

    def redirect(self, to: str, status: int = 307, **when: Any) -> None:
        self.answer(status, body=b"", headers={"Location": to}, **when)

    def gzip_bomb(self, megabytes: int = 32, **when: Any) -> None:
        """A JSON object with so many blanks in it, sent as gzip."""
        squeeze = zlib.compressobj(level=9, wbits=31)
        parts = [squeeze.compress(b'{"code":200,')]
        parts += [squeeze.compress(b" " * (1 << 20)) for _ in range(megabytes)]
        content = b"".join([*parts, squeeze.compress(b'"data":null}'), squeeze.flush()])
        self.answer(body=content, headers={"Content-Encoding": "gzip"}, **when)

    def truncated(
        self, content: bytes = b'{"code":200,"data":{"taskId":"abc"}}', **when: Any
    ) -> None:
        """Announce the whole content, send half, and close in good order."""
        message = head(200, content, {}) + content[: len(content) // 2]
        self.raw(message, **when)

    def raw(self, message: bytes, **when: Any) -> None:
        """Send these bytes and close."""

        def play(connection: socket.socket, seen: Seen) -> bool:
            connection.sendall(message)
            return False

        self._script(play, **when)

    def raw_then_hang(self, message: bytes, **when: Any) -> None:
        """Send these bytes and say nothing more until the client has gone."""

        def play(connection: socket.socket, seen: Seen) -> bool:
            connection.sendall(message)
            return self._until_gone(connection)

        self._script(play, **when)

    def eof(self, **when: Any) -> None:
        """Read the request, then close in good order without a word."""
        self.raw(b"", **when)

    def rst(self, **when: Any) -> None:
        """Read the request, then reset the connection."""

        def play(connection: socket.socket, seen: Seen) -> bool:
            reset(connection)
            return False

        self._script(play, **when)

    def hang(self, **when: Any) -> None:
        """Read the request, then say nothing until the client has gone."""
        self._script(lambda connection, seen: self._until_gone(connection), **when)

    def trickle_headers(self, every: float = 0.02, **when: Any) -> None:
        """Send one byte of an endless header every so many seconds."""
        self._trickle(status_line(200) + b"X-Slow: ", every, when)

    def trickle_body(self, every: float = 0.02, **when: Any) -> None:
        """Send good headers, then one byte of the body every so many seconds."""
        head = status_line(200) + lines({"Content-Length": "100000", "Connection": "close"})
        self._trickle(head, every, when)

    # ── The server ───────────────────────────────────────────────────────────────────────────────

    def close(self) -> None:
        """End all connections and threads."""
        self._closing.set()
        # shutdown, because closing alone does not wake a thread that waits in accept().
        for sock in (self._listener, *tuple(self._open)):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(_PATIENCE)

    def _script(self, play: Play, **when: Any) -> None:
        with self._changed:
            self._scripts.append(_Script(play, **when))

    def _trickle(self, head: bytes, every: float, when: Mapping[str, Any]) -> None:
        def play(connection: socket.socket, seen: Seen) -> bool:
            connection.sendall(head)
            while not self._closing.wait(every):
                connection.sendall(b" ")
            return False

        self._script(play, **when)

    def _until_gone(self, connection: socket.socket) -> bool:
        with suppress(OSError):
            while connection.recv(4096):
                pass
        return False

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        connection = plain
        try:
            if self.on_connect == "rst":
                plain.recv(1)
                reset(plain)
            elif self.on_connect == "hang":
                self._until_gone(plain)
            elif isinstance(self.on_connect, bytes):
                plain.sendall(self.on_connect)
            else:
                if self._tls is not None:
                    connection = self._tls.wrap_socket(plain, server_side=True)
                    self._open.add(connection)
                while (seen := read_request(connection)) and self._play(connection, seen):
                    pass
        except OSError:
            pass  # The client left, which is what many of the tests are about.
        finally:
            self._open -= {plain, connection}
            connection.close()
            plain.close()

    def _play(self, connection: socket.socket, seen: Seen) -> bool:
        script = self._take(seen)
        if script.after is not None:
            script.after.wait(_PATIENCE)
        return script.play(connection, seen)

    def _take(self, seen: Seen) -> _Script:
        with self._changed:
            script = next((one for one in self._scripts if one.path in seen.path), None)
            if script is None:
                script = _Script(_unscripted)
                self.unscripted.append(seen)
            elif not script.always:
                self._scripts.remove(script)
            self.requests.append(seen)
            self._changed.notify_all()
            return script


def _unscripted(connection: socket.socket, seen: Seen) -> bool:
    connection.sendall(head(599, b"", {}))
    return False


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A Wire that fails the test for any request it was not told about."""
    server = Wire()
    yield server
    server.close()
    assert not server.unscripted, f"nobody scripted {server.unscripted}"
