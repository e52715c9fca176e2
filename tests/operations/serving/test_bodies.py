"""What comes in before anybody knows whose it is: so much of it, on a disk that has room."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as current
from hypothesis import given
from hypothesis import strategies as st

from veo_site import gunicorn
from veo_site.serving import bodies
from veo_site.serving.web_server import Server
from veo_site.settings import REQUEST_BYTES_MAX

MEGABYTE = 1024**2
FLOOD, COLLEAGUE = "127.0.0.1", "127.0.0.2"


class Door:
    """A server whose loop the test itself turns, and that takes three megabytes of bodies."""

    def __init__(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        self.server = Server(self._answer, listener, threads=1, most=99, bodies_most=3 * MEGABYTE)

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [str(len(environ["wsgi.input"].read())).encode()]

    def until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not done():
            assert time.monotonic() < deadline
            self.server.turn(0.02)


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.server.wind_down(1)


class Sender:
    """Sends a body from an address of this machine, and takes the answer, if there is one."""

    def __init__(self, door: Door, address: str, told: int, sent: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", door.port), 10, (address, 0))
        self.socket.sendall(f"POST / HTTP/1.0\r\nContent-Length: {told}\r\n\r\n".encode())
        self.answer: bytes | None = None
        self.thread = threading.Thread(target=self._send, args=[sent])
        self.thread.start()

    def _send(self, size: int) -> None:
        answer = b""
        with suppress(OSError):
            self.socket.sendall(bytes(size))
            while piece := self.socket.recv(65536):
                answer += piece
        self.answer = answer

    def close(self) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()


def test_of_a_flood_of_bodies_the_largest_is_let_go_and_a_colleagues_comes_through(
    door: Door,
) -> None:
    with ExitStack() as stack:
        flood = [Sender(door, FLOOD, 60 * MEGABYTE, MEGABYTE * 3 // 2) for _ in range(4)]
        for each in flood:
            stack.callback(each.close)
        door.until(lambda: sum(each.answer is not None for each in flood) >= 2)
        colleague = Sender(door, COLLEAGUE, MEGABYTE, MEGABYTE)
        stack.callback(colleague.close)
        door.until(lambda: colleague.answer is not None)
        assert colleague.answer
        assert colleague.answer.endswith(str(MEGABYTE).encode())
        held = sum(bodies._size(each) for each in door.server.active_channels.values())
        assert held <= 3 * MEGABYTE


def test_what_says_to_be_larger_than_any_form_is_refused_unread(door: Door) -> None:
    with ExitStack() as stack:
        sender = Sender(door, COLLEAGUE, REQUEST_BYTES_MAX + 1, 0)
        stack.callback(sender.close)
        door.until(lambda: sender.answer is not None)
        assert sender.answer
        assert b" 413 " in sender.answer.splitlines()[0]


def test_what_comes_in_lies_on_the_disk_whose_room_is_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    gunicorn.post_worker_init(None)
    with tempfile.NamedTemporaryFile() as file:
        assert Path(file.name).parent == Path(current.MEDIA_ROOT) / "incoming"


# ── Who is let go ────────────────────────────────────────────────────────────
@dataclass
class Request:
    body_bytes_received: int


@dataclass(eq=False)
class Channel:
    addr: tuple[str, int]
    request: Request | None = None
    requests: list[Request] = field(default_factory=list)


sizes = st.integers(0, 100)
connections = st.builds(
    Channel,
    st.tuples(st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1"]), st.just(0)),
    st.none() | st.builds(Request, sizes),
    st.lists(st.builds(Request, sizes), max_size=2),
)


@given(st.lists(connections, max_size=12), st.integers(0, 400))
def test_no_more_are_let_go_than_must_be_and_never_one_that_is_worked_on(
    channels: list[Channel], most: int
) -> None:
    def held(some: Iterable[Channel]) -> int:
        return sum(bodies._size(each) for each in some)

    let_go = bodies.beyond(channels, most)
    kept = [each for each in channels if each not in let_go]
    assert not any(each.requests or each.request is None for each in let_go)
    if held(kept) > most:
        assert not any(each.request and not each.requests and held([each]) for each in kept)
    if let_go:
        assert held([*kept, let_go[-1]]) > most


@pytest.mark.parametrize("home", ["192.0.2.1", "2001:db8:1:2::{:x}", "2001:db8:1:2:{:x}::"])
@given(st.lists(st.integers(1, 20), min_size=1, max_size=6), st.integers(1, 20))
def test_who_sends_no_more_than_half_of_it_is_spared(
    home: str, flood: list[int], size: int
) -> None:
    """However many addresses the flood has in its /64."""
    channels = [
        Channel((home.format(host), 0), Request(each)) for host, each in enumerate(flood, 1)
    ]
    colleague = Channel(("2001:db8:1:3::1", 0), Request(size))
    assert colleague not in bodies.beyond([*channels, colleague], most=2 * size)
