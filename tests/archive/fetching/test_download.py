"""One file from a server that may lie, drag its feet, or never stop."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from jobs import queue
from jobs.archive.fetching.download import (
    Caps,
    Downloaded,
    LinkGone,
    NotNow,
    Unacceptable,
    download,
)
from jobs.archive.fetching.lease import BEAT_SECONDS, LEASE_SECONDS
from jobs.archive.store import CAPS
from tests.support.fakes import Wire

BODY = bytes(range(256)) * 40
HURRY = Caps(seconds=0.3, patience=60, connect=1, read=5)
"""Only the wall clock ends it: no read takes long enough for the timeout of requests."""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "film.mp4"


def fetch(wire: Wire, target: Path, caps: Caps = CAPS) -> Downloaded:
    return download(f"{wire.url}/film.mp4", target, [f"127.0.0.1:{wire.port}"], caps)


def raw(head: str, body: bytes = BODY) -> bytes:
    return f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode("latin-1") + body


def test_the_size_and_hash_of_a_download_are_those_of_its_file(wire: Wire, target: Path) -> None:
    wire.answer(body=BODY)
    done = fetch(wire, target)
    assert target.read_bytes() == BODY
    assert (done.bytes, done.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())


def test_a_file_without_a_told_length_is_taken_to_its_end(wire: Wire, target: Path) -> None:
    wire.raw(raw("Connection: close"))
    fetch(wire, target)
    assert target.read_bytes() == BODY


def test_a_file_that_comes_in_chunks_is_put_together(wire: Wire, target: Path) -> None:
    wire.raw(raw("Transfer-Encoding: chunked", b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))
    fetch(wire, target)
    assert target.read_bytes() == b"abcde"


def test_no_more_is_taken_than_the_told_length(wire: Wire, target: Path) -> None:
    wire.raw(raw("Content-Length: 100"))
    fetch(wire, target)
    assert target.read_bytes() == BODY[:100]


@pytest.mark.parametrize(
    "head",
    [f"Content-Length: {len(BODY) + 1}", f"Content-Length: {10 * len(BODY)}"],
    ids=["one byte", "most of it"],
)
def test_a_body_shorter_than_told_is_tried_again_later(wire: Wire, target: Path, head: str) -> None:
    wire.raw(raw(head))
    with pytest.raises(NotNow):
        fetch(wire, target)
    assert not target.exists()


def test_a_chunked_body_that_breaks_off_is_tried_again_later(wire: Wire, target: Path) -> None:
    wire.raw(raw("Transfer-Encoding: chunked", b"ff\r\nabc"))
    with pytest.raises(NotNow):
        fetch(wire, target)
    assert not target.exists()


@pytest.mark.parametrize("length", ["²", "9" * 5000, "-5", "nan", "", "0x10"])
def test_a_length_that_is_no_number_counts_as_none(wire: Wire, target: Path, length: str) -> None:
    wire.raw(raw(f"Content-Length: {length}"))
    fetch(wire, target)
    assert target.read_bytes() == BODY


def test_two_lengths_are_tried_again_later(wire: Wire, target: Path) -> None:
    wire.raw(raw("Content-Length: 5, 6"))
    with pytest.raises(NotNow):
        fetch(wire, target)


@pytest.mark.parametrize("way", ["rst", "eof", "hang", "trickle_headers", "trickle_body"])
def test_a_server_that_says_nothing_of_use_is_tried_again_later(
    wire: Wire, target: Path, way: str
) -> None:
    getattr(wire, way)()
    with pytest.raises(NotNow):
        fetch(wire, target, HURRY)
    assert not target.exists()


@pytest.mark.parametrize("way", ["hang", "trickle_headers", "trickle_body"])
def test_the_deadline_covers_the_headers_and_the_body(wire: Wire, target: Path, way: str) -> None:
    getattr(wire, way)()
    began = time.monotonic()
    with pytest.raises(NotNow):
        fetch(wire, target, HURRY)
    # Whatever else would end it comes after five seconds.
    assert time.monotonic() - began < 4


def test_a_body_without_length_that_the_deadline_cut_is_not_taken_for_whole(
    wire: Wire, target: Path
) -> None:
    wire.raw_then_hang(raw("Connection: close"))
    with pytest.raises(NotNow, match="too long"):
        fetch(wire, target, HURRY)
    assert not target.exists()


def test_a_trickle_is_given_up_long_before_the_deadline(wire: Wire, target: Path) -> None:
    wire.trickle_body()
    with pytest.raises(NotNow, match="too slow"):
        fetch(wire, target, Caps(patience=0.1))
    assert not target.exists()


def test_a_file_told_to_be_too_large_is_not_even_begun(wire: Wire, target: Path) -> None:
    wire.raw_then_hang(raw(f"Content-Length: {10 * 1024**3}", b""))
    with pytest.raises(Unacceptable, match="too large"):
        fetch(wire, target)


def test_an_endless_file_ends_at_the_cap(wire: Wire, target: Path) -> None:
    wire.raw_then_hang(raw("Connection: close"))
    with pytest.raises(Unacceptable, match="too large"):
        fetch(wire, target, Caps(bytes=len(BODY) - 1))
    assert not target.exists()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
def test_a_compressed_file_is_refused_unread(wire: Wire, target: Path, coding: str) -> None:
    wire.answer(body=b"\x1f\x8b", headers={"Content-Encoding": coding})
    with pytest.raises(Unacceptable, match="compressed"):
        fetch(wire, target)
    assert not target.exists()


def test_no_compression_is_asked_for(wire: Wire, target: Path) -> None:
    wire.answer(body=BODY, headers={"Content-Encoding": "Identity"})
    fetch(wire, target)
    assert wire.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [403, 404, 410])
def test_an_expired_link_is_told_from_other_trouble(wire: Wire, target: Path, status: int) -> None:
    wire.answer(status)
    with pytest.raises(LinkGone):
        fetch(wire, target)


@pytest.mark.parametrize("status", [201, 204, 206, 400, 401, 416, 429, 500, 502, 503, 504])
def test_any_other_answer_than_200_is_tried_again_later(
    wire: Wire, target: Path, status: int
) -> None:
    wire.answer(status, body=b"")
    with pytest.raises(NotNow):
        fetch(wire, target)


def test_the_proxies_of_the_environment_are_not_used(
    wire: Wire, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    wire.answer(body=BODY)
    fetch(wire, target)
    assert target.read_bytes() == BODY


def test_the_logins_of_a_netrc_are_not_used(
    wire: Wire, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    wire.answer(body=BODY)
    fetch(wire, target)
    assert "authorization" not in wire.requests[0].headers


def test_an_interrupted_worker_leaves_no_file(
    wire: Wire, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr("jobs.archive.fetching.download.os.fsync", interrupt)
    wire.answer(body=BODY)
    with pytest.raises(SystemExit):
        fetch(wire, target)
    assert not target.exists()


def test_the_queue_leaves_a_task_more_time_than_a_transfer_may_take() -> None:
    assert CAPS.seconds < queue.STORE_SECONDS
    assert CAPS.connect + CAPS.read + BEAT_SECONDS < LEASE_SECONDS


@pytest.mark.parametrize("to", ["http://[", "//[::1", "https://a:b:c/"])
def test_a_redirect_to_what_is_no_address_is_refused_like_any_other(
    wire: Wire, target: Path, to: str
) -> None:
    wire.redirect(to)
    with pytest.raises(Unacceptable, match="redirects"):
        fetch(wire, target)


def test_nothing_is_read_of_what_a_redirect_brings(wire: Wire, target: Path) -> None:
    wire.raw_then_hang(
        b"HTTP/1.1 302 Found\r\nLocation: https://cdn.example/a.mp4\r\nContent-Length: 9\r\n\r\n"
    )
    with pytest.raises(Unacceptable, match="redirects"):
        fetch(wire, target, HURRY)
