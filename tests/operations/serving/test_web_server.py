"""How the server treats clients that are slow, too many, or in a hurry."""

from __future__ import annotations

import hashlib
import io
import socket
import struct
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import requests

from tests.support.servers import slow
from tests.support.servers.film_site import Site, film_site
from veo_site.serving import parsing, sent_files
from veo_site.serving.connections import Channel
from veo_site.serving.sent_files import FileInTurns
from veo_site.serving.web_server import Server

FILM = bytes(range(256)) * 32_768  # 8 MB, more than sockets take in
SOON = 3
"""Seconds; a page that waits for a film waits for ever."""

# ── The whole server ─────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server with two threads alone, and four films at once for each person and each link."""
    few: dict[str, Any] = {"WEB_THREADS": 2, "FILES_PER_CLIENT": 4, "FILES_PER_LINK": 4}
    with film_site(tmp_path_factory.mktemp("slow") / "var", FILM, **few) as site:
        yield site


def signed_in(site: Site) -> dict[str, str]:
    return {"Cookie": f"sessionid={site.session}"}


def get(site: Site, path: str, **headers: str) -> requests.Response:
    url = site.product.url + path
    return requests.get(url, headers=signed_in(site) | headers, timeout=SOON)


@contextmanager
def reading(readers: list[slow.Slow]) -> Iterator[None]:
    """Each has the beginning of its film, and stops there; afterwards they are gone."""
    for client in readers:
        client.open()
    try:
        wait_for(lambda: all(client.has_begun() for client in readers))
        yield
    finally:
        for client in readers:
            client.close()


def playing(site: Site) -> list[slow.Slow]:
    return [slow.reader(site.port, site.film, signed_in(site)) for _ in range(4)]


def downloading(site: Site) -> list[slow.Slow]:
    return [slow.reader(site.port, site.download, {"Range": "bytes=9-"}) for _ in range(4)]


def visit(site: Site, path: str) -> requests.Response:
    return requests.get(site.product.url + path, timeout=SOON)


def test_who_stops_reading_or_trickles_keeps_no_page_no_poll_and_no_probe_waiting(
    site: Site,
) -> None:
    form = {**signed_in(site), "Content-Type": "multipart/form-data; boundary=frontier"}
    senders = [
        *(slow.header_sender(site.port) for _ in range(4)),
        *(slow.body_sender(site.port, "/images/", form, 2_000_000) for _ in range(4)),
    ]
    with ExitStack() as stack:
        stack.enter_context(reading(playing(site) + downloading(site)))
        for client in senders:
            stack.callback(client.open().close)
            client.send_a_byte()

        answers = [get(site, path) for path in ("/healthz", "/", "/live/", "/library/")]
        assert [answer.status_code for answer in answers[:2]] == [200, 200]
        assert all(answer.status_code < 500 for answer in answers)


def test_who_has_too_many_films_on_their_way_is_told_so_and_nobody_else_is(site: Site) -> None:
    wait_for(lambda: get(site, site.film).ok)
    with reading(playing(site)):
        refused = get(site, site.film)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
        assert "as may be at once" in refused.text
        assert get(site, "/").status_code == 200
        assert visit(site, site.download).content == FILM
    wait_for(lambda: get(site, site.film).content == FILM)


def test_a_link_whose_films_are_all_being_read_leaves_those_of_the_team_alone(site: Site) -> None:
    wait_for(lambda: visit(site, site.download).ok)
    with reading(downloading(site)):
        assert visit(site, site.download).status_code == 429
        assert visit(site, f"/s/{site.token}/").status_code == 200
        assert get(site, site.film).content == FILM
    wait_for(lambda: visit(site, site.download).ok)


def test_a_zip_is_sent_as_a_film_is_whole_or_to_who_pauses_at_no_others_cost(site: Site) -> None:
    wait_for(lambda: get(site, site.film).ok)
    paused = [slow.reader(site.port, site.zip, signed_in(site)) for _ in range(4)]
    with reading(paused):
        assert get(site, site.zip).status_code == 429
        assert get(site, "/").status_code == 200
        assert visit(site, site.download).content == FILM
    wait_for(lambda: get(site, site.film).ok)
    whole = get(site, site.zip)
    assert len(whole.content) == int(whole.headers["Content-Length"])
    with zipfile.ZipFile(io.BytesIO(whole.content)) as found:
        assert [found.read(each) for each in found.namelist()] == [FILM]


def test_a_film_arrives_whole_and_a_range_of_it_to_the_byte(site: Site) -> None:
    wait_for(lambda: get(site, site.film).ok)  # whoever read before has been noticed to be gone
    whole = get(site, site.film)
    assert hashlib.sha256(whole.content).digest() == hashlib.sha256(FILM).digest()
    first, last = 1_000_001, 6_000_000
    part = get(site, site.film, Range=f"bytes={first}-{last}")
    assert (part.status_code, part.content == FILM[first : last + 1]) == (206, True)


@pytest.mark.parametrize("path", ["/healthz", "film", "/nothing-here/"])
def test_an_answer_to_head_has_no_body_that_the_next_one_would_be_read_into(
    site: Site, path: str
) -> None:
    connection = HTTPConnection("127.0.0.1", site.port, timeout=SOON)
    connection.request("HEAD", site.film if path == "film" else path, headers=signed_in(site))
    told = connection.getresponse()
    assert int(told.headers["Content-Length"])
    told.read()
    connection.request("GET", "/healthz")
    assert connection.getresponse().read() == b"ok"
    connection.close()


# ── One connection after the other ───────────────────────────────────────────
class Door:
    """A server whose loop the test itself turns, before a small application."""

    def __init__(self, answer: Callable[[], Iterable[bytes]] = lambda: [b"hello"]) -> None:
        self.make = answer
        self.status = "200 OK"
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        self.server = Server(self._application, listener, threads=1, most=3)

    def _application(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start(self.status, [("Content-Type", "text/plain")])
        return self.make()

    def until(self, done: Callable[[], bool]) -> None:
        wait_for(done, meanwhile=lambda: self.server.turn(0.02))

    @property
    def channels(self) -> list[Channel]:
        return list(self.server.active_channels.values())

    def later(self, seconds: float) -> None:
        self.server.maintenance(time.time() + seconds)


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.server.wind_down(1)


def connected(door: Door, sent: bytes) -> socket.socket:
    before = len(door.channels)
    client = socket.create_connection(("127.0.0.1", door.port), timeout=SOON)
    client.sendall(sent)
    if before < door.server.connections_most:
        door.until(lambda: len(door.channels) > before)
    return client


def is_let_go(client: socket.socket) -> bool:
    """The server has hung up, with or without a word before."""
    try:
        while client.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_without_a_body_leaves_its_connection_for_the_next(
    door: Door, status: str
) -> None:
    door.status, door.make = status, list
    with connected(door, b"GET / HTTP/1.1\r\n\r\n") as client:
        for _ in range(3):
            door.until(lambda: has_data(client))
            told = client.recv(65536)
            assert told.startswith(f"HTTP/1.1 {status}\r\n".encode())
            assert b"Connection" not in told
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"]
)
def test_whoever_wants_no_more_than_one_answer_is_let_go_after_it(door: Door, sent: bytes) -> None:
    door.status, door.make = "204 No Content", list
    with connected(door, sent) as client:
        door.until(lambda: not door.channels)
        assert is_let_go(client)


def test_who_takes_no_byte_for_a_minute_is_let_go_and_the_file_closed(door: Door) -> None:
    file = large_file()
    door.make = lambda: FileInTurns(file)
    with connected(door, b"GET / HTTP/1.1\r\n\r\n") as client:
        door.until(lambda: is_sending(door.channels[0]))
        door.later(59)
        assert door.channels
        door.later(61)
        assert not door.channels
        assert file.closed
        assert is_let_go(client)


@pytest.mark.parametrize(
    ("sent", "kept", "over"),
    [
        (b"GET / HTTP/1.1\r\nX-Long: a", 29, 31),
        (b"POST / HTTP/1.1\r\nContent-Length: 999999\r\n\r\na", 59, 61),
        (b"", 59, 61),
    ],
    ids=["headers", "body", "nothing"],
)
def test_who_sends_so_slowly_that_it_never_ends_is_let_go_however_fresh_the_last_byte(
    door: Door, sent: bytes, kept: int, over: int
) -> None:
    with connected(door, sent) as client:
        door.until(lambda: not sent or door.channels[0].request is not None)
        if sent:
            door.channels[0].last_activity += over
        door.later(kept)
        assert door.channels
        door.later(over)
        assert not door.channels
        assert is_let_go(client)


def test_a_body_that_comes_at_the_pace_of_a_poor_line_is_taken(door: Door) -> None:
    with connected(door, b"POST / HTTP/1.1\r\nContent-Length: 999999\r\n\r\n" + b"a" * 40_000):
        door.until(
            lambda: (
                door.channels[0].request is not None
                and door.channels[0].request.body_bytes_received == 40_000
            )
        )
        door.channels[0].last_activity += 75
        door.later(75)
        assert door.channels


def test_whom_we_keep_waiting_is_not_let_go(door: Door) -> None:
    ready = threading.Event()
    door.make = lambda: [b"at last"] if ready.wait(SOON) else []
    with connected(door, b"GET / HTTP/1.0\r\n\r\n") as client:
        door.until(lambda: bool(door.channels[0].requests))
        door.later(3600)
        ready.set()
        door.until(lambda: not door.channels)
        assert client.recv(65536).endswith(b"at last")


def test_a_server_that_stops_finishes_what_it_works_on_and_waits_for_no_reader(door: Door) -> None:
    ready = threading.Event()
    door.make = lambda: FileInTurns(large_file())
    with ExitStack() as stack:
        reader = stack.enter_context(connected(door, b"GET / HTTP/1.1\r\n\r\n"))
        door.until(lambda: is_sending(door.channels[0]))
        door.make = lambda: [b"at last"] if ready.wait(SOON) else []
        worked_for = stack.enter_context(connected(door, b"GET / HTTP/1.0\r\n\r\n"))
        door.until(lambda: bool(door.channels[-1].requests))

        asked = time.monotonic()
        threading.Timer(0.1, ready.set).start()
        door.server.wind_down(0.5)
        assert time.monotonic() - asked < SOON
        assert worked_for.recv(65536).endswith(b"at last")
        assert is_let_go(reader)
        assert not door.channels


def test_where_all_places_are_taken_who_has_not_moved_for_longest_makes_room(door: Door) -> None:
    with ExitStack() as stack:
        idle = [stack.enter_context(connected(door, b"GET ")) for _ in range(3)]
        for age, channel in zip((5, 90, 30), door.channels, strict=True):
            channel.last_activity -= age
        new = stack.enter_context(connected(door, b"GET / HTTP/1.0\r\n\r\n"))
        door.until(lambda: not [each for each in door.channels if each.requests] and has_data(new))
        assert new.recv(65536).endswith(b"hello")
        assert is_let_go(idle[1])
        assert not has_data(idle[0])
        assert not has_data(idle[2])


def test_a_burst_is_taken_in_by_the_hundred_and_the_last_waits_for_no_thousand_turns(
    door: Door,
) -> None:
    door.server.connections_most = 200
    with ExitStack() as stack:
        for _ in range(130):
            stack.enter_context(socket.create_connection(("127.0.0.1", door.port), SOON))
        taken_in = []
        for _ in range(3):
            door.server.turn(0.1)
            taken_in.append(len(door.channels))
    assert taken_in == [100, 130, 130]


def test_who_comes_in_while_another_makes_room_is_not_taken_for_them(door: Door) -> None:
    with ExitStack() as stack:
        idle = [stack.enter_context(connected(door, b"GET ")) for _ in range(3)]
        new = [
            stack.enter_context(socket.create_connection(("127.0.0.1", door.port), SOON))
            for _ in range(3)
        ]
        for each in idle:
            each.sendall(b"/ HTTP/1.1")
        door.server.turn(1)
        door.server.turn(0)
        for each in new:
            each.sendall(b"GET / HTTP/1.0\r\n\r\n")
        door.until(lambda: not door.channels)
        assert all(each.recv(65536).endswith(b"hello") for each in new)


def test_two_thousand_can_wait_to_be_taken_in(door: Door) -> None:
    info = door.server.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    (may_wait,) = struct.unpack_from("I", info, 28)
    kernel = int(Path("/proc/sys/net/core/somaxconn").read_text())
    assert may_wait == min(2048, kernel)


CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "most", "refusal"),
    [
        (CHUNKED + b"1;", parsing.CHUNK_LINE_MAX - 2, b"400"),
        (CHUNKED + b"1\r\na\r\n0000", parsing.CHUNK_LINE_MAX - 4, b"400"),
        (CHUNKED + b"1\r\na\r\n0\r\n", parsing.TRAILER_MAX, b"400"),
        (b"GET / HTTP/1.1\r\nX-Long: ", parsing.HEADERS_MAX - 25, b"431"),
    ],
    ids=["extension", "size", "trailer", "headers"],
)
def test_what_would_be_gathered_without_end_beside_a_body_is_refused(
    door: Door, sent: bytes, most: int, refusal: bytes
) -> None:
    sent += b"0" * (most - 1)
    with connected(door, sent) as client:
        door.until(lambda: door.server.came_in == len(sent))
        assert door.channels[0].request is not None
        client.sendall(b"00")
        door.until(lambda: not door.channels)
        assert client.recv(65536).split()[1] == refusal


def test_a_chunked_body_with_extensions_and_a_trailer_is_taken(door: Door) -> None:
    body = b"5;name=%b\r\nhello\r\n0\r\nX-Sum: %b\r\n\r\n" % (b"x" * 900, b"y" * 60_000)
    with connected(door, CHUNKED + body) as client:
        door.until(lambda: has_data(client))
        assert client.recv(65536).endswith(b"hello")


def test_where_too_many_films_are_on_their_way_the_one_longest_unread_is_let_go(door: Door) -> None:
    door.server.files_most = 2
    door.make = lambda: FileInTurns(large_file())
    with ExitStack() as stack:
        clients = []
        for age in (30, 90):
            clients.append(stack.enter_context(connected(door, b"GET / HTTP/1.1\r\n\r\n")))
            door.until(lambda: is_sending(door.channels[-1]))
            door.channels[-1].last_activity -= age
        assert door.server._place_for_file({})
        door.until(lambda: len(door.channels) == 1)
        assert is_let_go(clients[1])
        assert is_sending(door.channels[0])


def test_a_film_that_is_taken_at_once_leaves_others_their_turn() -> None:
    with tempfile.TemporaryFile() as file:
        file.truncate(10 * sent_files.TURN)
        film = FileInTurns(file)
        film.prepare()
        taken = 0
        while piece := film.get(2**30):
            film.skip(len(piece))
            taken += len(piece)
        assert taken == sent_files.TURN
        assert film.get(2**30)


# ── Helpers ──────────────────────────────────────────────────────────────────
def large_file() -> BinaryIO:
    """More than sockets take in; closed by the server."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    file.truncate(50_000_000)
    file.seek(0)
    return file


def is_sending(channel: Channel) -> bool:
    return bool(channel.total_outbufs_len) and not channel.requests


def has_data(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return bool(client.recv(1, socket.MSG_PEEK)) or True
    except BlockingIOError:
        return False
    finally:
        client.settimeout(SOON)


def wait_for(done: Callable[[], bool], meanwhile: Callable[[], object] = lambda: None) -> None:
    deadline = time.monotonic() + 10
    while not done():
        assert time.monotonic() < deadline
        meanwhile()
