"""The transport: what a failure proves, what is retried, and what the environment cannot change."""

from __future__ import annotations

import gzip
import os
import socket
import ssl
import time
import zlib
from contextlib import ExitStack
from pathlib import Path

import pytest
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from jobs.providers.answer import retry_after
from jobs.providers.deadline import Deadline
from jobs.providers.errors import NotAccepted, OutcomeUnknown, RateLimited, Unreachable
from jobs.providers.http import USER_AGENT, VERSION, Http, _Call
from tests import ROOT
from tests.support.answers.dialects import KEY
from tests.support.fakes import Wire


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


# ── Nothing was sent ─────────────────────────────────────────────────────────────────────────────


def test_a_closed_port_proves_that_nothing_was_sent(quick: Http, closed_port: int) -> None:
    with pytest.raises(Unreachable):
        quick.send_once(f"http://127.0.0.1:{closed_port}/", KEY, {})


def test_an_unknown_name_proves_that_nothing_was_sent(quick: Http) -> None:
    with pytest.raises(Unreachable):
        quick.send_once("http://no-such-host.invalid/", KEY, {})


def test_a_connection_that_is_never_answered_proves_that_nothing_was_sent(quick: Http) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(3):
            queued = waiting.enter_context(socket.socket())
            queued.setblocking(False)
            queued.connect_ex(full.getsockname())
        with pytest.raises(Unreachable, match="ConnectTimeout"):
            quick.send_once(f"http://127.0.0.1:{full.getsockname()[1]}/", KEY, {})


@pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://127.0.0.1/", "http://[::1/"])
def test_a_malformed_address_proves_that_nothing_was_sent(quick: Http, url: str) -> None:
    with pytest.raises(Unreachable):
        quick.send_once(url, KEY, {})


def test_a_bad_certificate_proves_that_nothing_was_sent(quick: Http, tls_wire: Wire) -> None:
    with pytest.raises(Unreachable):
        quick.send_once(tls_wire.url, KEY, {})
    assert tls_wire.requests == []


@pytest.mark.parametrize("refusal", ["rst", b"", b"HTTP/1.1 400 Speak plainly\r\n\r\n"])
def test_a_refused_handshake_proves_that_nothing_was_sent(wire: Wire, refusal: str | bytes) -> None:
    wire.on_connect = refusal
    with pytest.raises(Unreachable):
        Http().send_once(wire.url.replace("http:", "https:"), KEY, {})


def test_a_handshake_that_times_out_proves_nothing(quick: Http, wire: Wire) -> None:
    wire.on_connect = "hang"
    with pytest.raises(OutcomeUnknown):
        quick.send_once(wire.url.replace("http:", "https:"), KEY, {})


def test_a_connection_that_stands_too_late_is_never_used(wire: Wire) -> None:
    with Deadline(0.01) as deadline, socket.create_connection(("127.0.0.1", wire.port)) as late:
        deadline._timer.join()
        with pytest.raises(TimeoutError):
            deadline.watch(late)
    assert not deadline.opened


# ── Something may have been sent ─────────────────────────────────────────────────────────────────


def test_a_reset_while_the_request_is_read_proves_nothing(quick: Http, wire: Wire) -> None:
    wire.on_connect = "rst"
    with pytest.raises(OutcomeUnknown):
        quick.send_once(wire.url, KEY, {})


@pytest.mark.parametrize("fault", ["rst", "eof", "trickle_headers"])
def test_over_tls_a_lost_answer_proves_nothing_either(
    tls_wire: Wire, certificate: Path, fault: str
) -> None:
    trusting = Http(post_seconds=0.2, ca_bundle=str(certificate))
    getattr(tls_wire, fault)()
    with pytest.raises(OutcomeUnknown):
        trusting.send_once(tls_wire.url, KEY, {})
    assert len(tls_wire.requests) == 1


def test_over_tls_with_a_trusted_certificate_an_answer_is_read(
    tls_wire: Wire, certificate: Path
) -> None:
    tls_wire.answer(json={"code": 200})
    answer = Http(ca_bundle=str(certificate)).send_once(tls_wire.url, KEY, {})
    assert answer.body == {"code": 200}


def test_whom_to_trust_is_read_once_and_not_for_each_request(
    tls_wire: Wire, certificate: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read, load = list[str](), ssl.SSLContext.load_verify_locations

    def watched(context: ssl.SSLContext, file: str) -> None:
        read.append(file)
        load(context, file)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", watched)
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(certificate.read_bytes())
    for _ in range(3):
        tls_wire.answer(json={"code": 200})
        assert Http(ca_bundle=str(trusted)).ask("GET", tls_wire.url, KEY).status == 200
    assert read == [str(trusted)]


def test_it_is_read_again_when_it_changed(
    tls_wire: Wire, certificate: Path, tmp_path: Path
) -> None:
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(Path(DEFAULT_CA_BUNDLE_PATH).read_bytes())
    http = Http(ca_bundle=str(trusted))
    with pytest.raises(Unreachable):
        http.send_once(tls_wire.url, KEY, {})
    trusted.write_bytes(certificate.read_bytes())
    os.utime(trusted, (1, 1))
    tls_wire.answer(json={"code": 200})
    assert http.send_once(tls_wire.url, KEY, {}).status == 200


def test_who_answers_under_another_name_is_not_trusted_however_often_the_right_one_was(
    tls_wire: Wire, certificate: Path
) -> None:
    http = Http(ca_bundle=str(certificate))
    tls_wire.answer(json={"code": 200})
    http.send_once(tls_wire.url, KEY, {})
    with pytest.raises(Unreachable):
        http.send_once(tls_wire.url.replace("127.0.0.1", "localhost"), KEY, {})
    assert len(tls_wire.requests) == 1


@pytest.mark.parametrize("slow", ["hang", "trickle_headers", "trickle_body"])
def test_the_deadline_counts_on_the_wall_and_not_from_byte_to_byte(wire: Wire, slow: str) -> None:
    getattr(wire, slow)()
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        Http(post_seconds=0.2).send_once(wire.url, KEY, {})
    # Each of these goes on for ever: what is told apart is an end and none, on the slowest machine.
    assert time.monotonic() - began < 4


def test_a_body_without_a_length_that_the_deadline_cuts_is_not_taken_for_whole(wire: Wire) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n" + b'{"code":200,"data":{"taskId":"abc"}}'
    wire.raw_then_hang(head)
    with pytest.raises(OutcomeUnknown, match="deadline"):
        Http(post_seconds=0.2).send_once(wire.url, KEY, {})


# ── Connections ──────────────────────────────────────────────────────────────────────────────────


def test_every_post_opens_a_fresh_connection(wire: Wire) -> None:
    http = Http()
    for _ in range(3):
        wire.answer(json={"code": 200}, keep_alive=True)
        http.send_once(wire.url, KEY, {})
    assert wire.connections == 3
    assert wire.requests[0].headers["connection"] == "close"


def test_neither_proxies_nor_netrc_of_the_environment_are_used(
    wire: Wire, elsewhere: Wire, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password stolen\n")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, elsewhere.url)
    monkeypatch.setenv("NETRC", str(netrc))
    wire.answer(json={"code": 200})
    Http().send_once(wire.url, KEY, {})
    assert wire.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_cookies_are_not_kept(wire: Wire) -> None:
    http = Http()
    for _ in range(2):
        wire.answer(json={"code": 200}, headers={"Set-Cookie": "a=b; Path=/"})
        http.send_once(wire.url, KEY, {})
    assert "cookie" not in wire.requests[1].headers


# ── Encodings ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_answer_is_read_although_we_asked_for_none(
    wire: Wire, name: str, pack: object
) -> None:
    assert callable(pack)
    wire.answer(body=pack(b'{"code":200}'), headers={"Content-Encoding": name})
    assert Http().send_once(wire.url, KEY, {}).body == {"code": 200}


@pytest.mark.parametrize("name", ["gzip", "br", "zstd", "gzip, gzip"])
def test_an_answer_in_a_false_or_unknown_encoding_is_unreadable(wire: Wire, name: str) -> None:
    wire.answer(body=b'{"code":200}', headers={"Content-Encoding": name})
    with pytest.raises(OutcomeUnknown):
        Http().send_once(wire.url, KEY, {})


def test_a_compressed_answer_that_was_cut_short_is_unreadable(wire: Wire) -> None:
    wire.answer(body=gzip.compress(b'{"code":200}')[:-9], headers={"Content-Encoding": "gzip"})
    with pytest.raises(OutcomeUnknown, match="cut short"):
        Http().send_once(wire.url, KEY, {})


# ── Questions ────────────────────────────────────────────────────────────────────────────────────


def test_a_question_is_asked_three_times_at_most(wire: Wire) -> None:
    pauses: list[float] = []
    wire.answer(503, body=b"busy", always=True)
    with pytest.raises(NotAccepted):
        Http(sleep=pauses.append).ask("GET", wire.url, KEY)
    assert len(wire.requests) == 3
    assert 0.25 <= pauses[0] <= 0.75
    assert 0.5 <= pauses[1] <= 1.5


@pytest.mark.parametrize("fault", ["rst", "eof", "truncated"])
def test_a_lost_answer_to_a_question_is_asked_for_again(wire: Wire, fault: str) -> None:
    getattr(wire, fault)()
    wire.answer(json={"code": 200})
    assert Http(sleep=lambda seconds: None).ask("GET", wire.url, KEY).body == {"code": 200}


def test_a_short_retry_after_is_honoured(wire: Wire) -> None:
    pauses: list[float] = []
    wire.answer(429, json={}, headers={"Retry-After": "2"})
    wire.answer(json={"code": 200})
    Http(sleep=pauses.append).ask("GET", wire.url, KEY)
    assert 2 <= pauses[0] <= 2.5


def test_a_long_retry_after_is_left_to_the_caller(wire: Wire) -> None:
    wire.answer(503, json={}, headers={"Retry-After": "600"})
    with pytest.raises(NotAccepted) as caught:
        Http().ask("GET", wire.url, KEY)
    assert caught.value.retry_after == 600


def test_a_rate_limit_without_a_term_is_left_to_the_caller(wire: Wire) -> None:
    wire.answer(429, json={})
    with pytest.raises(RateLimited):
        Http().ask("GET", wire.url, KEY)


@pytest.mark.parametrize("slow", ["hang", "trickle_headers", "trickle_body"])
def test_a_question_with_its_retries_ends_at_one_deadline(wire: Wire, slow: str) -> None:
    getattr(wire, slow)(always=True)
    began = time.monotonic()
    with pytest.raises(NotAccepted):
        Http(ask_seconds=0.2).ask("GET", wire.url, KEY)
    assert time.monotonic() - began < 1


def test_a_question_is_not_redirected_either(wire: Wire, elsewhere: Wire) -> None:
    wire.redirect(elsewhere.url, 302, always=True)
    with pytest.raises(NotAccepted):
        Http(sleep=lambda seconds: None).ask("GET", wire.url, KEY)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        (" 17 ", 17),
        ("99999999999999999999", 3600),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2195 07:28:00 GMT", 3600),
        ("Wed, 21 Oct 2195 07:28:00", 3600),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("1e309", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_within_bounds(value: str, seconds: float | None) -> None:
    assert retry_after(value) == seconds


def test_the_user_agent_names_the_released_version() -> None:
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()
    assert USER_AGENT.startswith(f"Dailies/{VERSION} (+")


def test_what_is_sent_shows_no_key_in_a_traceback() -> None:
    assert KEY not in repr(_Call("GET", "https://a.example/", KEY))
