"""The server itself: robustness, pages, films on disk, command line."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.practice import Options, PracticeServer
from jobs.practice.__main__ import main
from jobs.practice.options import parse
from tests.support.servers.practice_client import Client, call

GENERATE = "/api/v1/veo/generate"


def raw(server: PracticeServer, data: bytes) -> bytes:
    """Send bytes and read until the server closes."""
    pieces = b""
    # The server may have turned away before everything was sent.
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as line,
        contextlib.suppress(OSError),
    ):
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        while piece := line.recv(65536):
            pieces += piece
    return pieces


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET //[ HTTP/1.1\r\n\r\n",
        b"POST /api/v1/veo/generate HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/veo/generate HTTP/1.1\r\nContent-Length: 99\r\n\r\n{}",
        b"POST /api/v1/veo/generate HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/veo/generate HTTP/1.1\r\nUser-Agent: x\r\n\r\n",
        b"\x16\x03\x01\x00\xff\x00\xff",
    ],
    ids=lambda data: repr(data[:30]),
)
def test_malformed_requests_print_nothing_and_harm_nothing(
    server: PracticeServer, data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    raw(server, data)
    assert call(server, "GET", "/").status == 200
    assert capfd.readouterr() == ("", "")


def test_a_client_that_resets_is_forgotten(
    server: PracticeServer, capfd: pytest.CaptureFixture[str]
) -> None:
    line = socket.create_connection(("127.0.0.1", server.port))
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    line.sendall(b"POST /api/v1/veo/generate HTTP/1.1\r\nContent-Length: 50\r\n\r\n")
    line.close()
    assert call(server, "GET", "/").status == 200
    assert capfd.readouterr() == ("", "")


def test_a_body_over_one_mebibyte_is_too_large(server: PracticeServer) -> None:
    assert call(server, "POST", GENERATE, b"x" * (2 << 20)).status == 413


def test_other_paths_and_methods_are_refused(server: PracticeServer) -> None:
    assert call(server, "GET", "/nowhere").status == 404
    assert call(server, "GET", GENERATE).status == 405


def test_a_connection_is_kept_for_the_next_request(server: PracticeServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    for _ in range(2):
        connection.request("GET", "/practice/state.json")
        first = connection.sock
        connection.getresponse().read()
        assert connection.sock is first
    connection.close()


def test_the_page_escapes_what_it_shows(client: Client) -> None:
    client.made("<script>alert(1)</script> [[stuck]]")
    page = call(client.server, "GET", "/").body.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page


def test_the_state_tells_charges_and_counts(start: Callable[..., Client]) -> None:
    client = start()
    task_id = client.made("A lake [[fail-charged]]")
    client.wait(task_id)
    state = call(client.server, "GET", "/practice/state.json").json
    account = state["accounts"]["practice-kie-key"]
    assert (account["charged"], account["balance"]) == (60.0, 4940.25)
    assert (account["creations_seen"], account["creations_accepted"]) == (1, 1)
    assert state["requests"][f"POST {GENERATE}"] == 1
    assert state["tasks"][0]["id"] == task_id
    assert state["tasks"][0]["state"] == "failed"
    assert (state["tasks"][0]["kind"], state["tasks"][0]["source"]) == ("generate", None)


def test_the_state_adds_up_by_kind(start: Callable[..., Client]) -> None:
    client = start()
    source = client.finished()
    client.extended(source, model="lite")
    client.get_1080p(source)
    client.get_4k(source)
    account = client.server.state["accounts"]["practice-kie-key"]
    charged = {kind: each["charged"] for kind, each in account["kinds"].items()}
    assert charged == {"generate": 60, "extend": 30, "1080p": 5, "4k": 120}
    assert account["charged"] == sum(charged.values())
    found = [(task["kind"], task["source"]) for task in client.server.state["tasks"]]
    assert found[1:] == [("extend", source), ("1080p", source), ("4k", source)]


def test_a_submission_sent_twice_is_seen(start: Callable[..., Client]) -> None:
    client = start()
    for seed in (12_345, 12_345, 54_321):
        client.generate("A lake [[stuck]]", seeds=seed)
    client.generate("A hill [[refuse-455=1]]")
    client.generate("A hill [[refuse-455=1]]")
    counts = [
        (task["submissions_seen"], task["submissions_accepted"])
        for task in client.server.state["tasks"]
    ]
    assert counts == [(2, 2), (2, 2), (1, 1), (2, 1)]
    page = call(client.server, "GET", "/").body.decode()
    assert page.count("class=twice>2 accepted") == 2


def test_the_page_links_what_was_made_to_what_it_was_made_of(client: Client) -> None:
    source = client.finished()
    client.get_1080p(source)
    page = call(client.server, "GET", "/").body.decode()
    assert page.count(f"<tr id='{source}'>") == 1
    assert f"<a href='#{source}'>" in page


def test_old_films_are_dropped(start: Callable[..., Client]) -> None:
    client = start(keep_films=1, reuse_films=False)
    first = client.ended(client.made("One", duration=4))["response"]["resultUrls"][0]
    second = client.ended(client.made("Two", duration=4))["response"]["resultUrls"][0]
    assert [client.fetch(url).status for url in (first, second)] == [404, 200]


def test_a_port_in_use_is_an_error_and_leaves_nothing(
    server: PracticeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert main(["--port", str(server.port)]) == 1
    assert list(tmp_path.iterdir()) == []


def test_stopping_is_quick_and_removes_the_films() -> None:
    server = PracticeServer(Options(seconds=0, queue_seconds=0)).start()
    folder = server.practice.films._folder
    Client(server).made("A lake", resolution="4k")
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 1.5
    assert not folder.exists()


def test_the_process_stops_on_a_signal_and_is_silent() -> None:
    command = [sys.executable, "-m", "jobs.practice", "--port", "0", "--verbose"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    url = process.stderr.readline().split()[-1]
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    connection.request("GET", "/practice/state.json")
    assert json.loads(connection.getresponse().read())["tasks"] == []
    connection.close()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    process.stderr.close()


def test_an_answer_that_is_under_way_is_finished_before_it_stops() -> None:
    """Whoever stops everything at once: a worker may be waiting for it, and has paid."""
    command = [sys.executable, "-m", "jobs.practice", "--port", "0", "--verbose"]
    process = subprocess.Popen([*command, "--kie-key", "key"], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    url = process.stderr.readline().split()[-1]
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    order = json.dumps({"prompt": "A lake [[slow-answer=0.003]]"})
    kind = {"User-Agent": "dailies", "Content-Type": "application/json"}
    connection.request("POST", GENERATE, order, {"Authorization": "Bearer key"} | kind)
    connection.sock.recv(1, socket.MSG_PEEK)
    process.send_signal(signal.SIGTERM)
    assert json.loads(connection.getresponse().read())["data"]["taskId"]
    connection.close()
    assert process.wait(60) == 0
    process.stderr.close()


def test_the_command_line_fills_the_options() -> None:
    line = "--port 1 --kie-key a --kie-key b@x --balance 7.5 --fault fail --fault-rate 0.1"
    options = parse(line.split())
    assert (options.port, options.kie_keys, options.faults) == (1, ["a", "b@x"], ["fail"])
    assert (float(options.balance), options.fault_rate) == (7.5, 0.1)
    assert options.veo4_keys == ("practice-veo4-key",)


@pytest.mark.parametrize("line", ["--fault nonsense", "--host 0.0.0.0"])
def test_a_senseless_command_line_is_refused(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(line.split())
    assert capsys.readouterr().err


def test_help_lists_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    assert "accept-then-drop" in capsys.readouterr().out
