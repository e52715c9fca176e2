"""Every fault of the table does what its line says."""

import gzip
import http.client
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.practice.faults.table import FAULTS, FaultStage, described
from tests.support.servers.practice_client import Client, Reply

VEO4_ONLY = "refuse-409"
ENVELOPE = {
    name: 422 if name in ("refuse-flow", "refuse-withdrawn") else int(name[7:])
    for name, fault in FAULTS.items()
    if fault.stage is FaultStage.REFUSE and name != VEO4_ONLY
}
DROPPED = (http.client.RemoteDisconnected, ConnectionResetError, http.client.IncompleteRead)


def test_every_fault_is_described() -> None:
    assert all(name in described() and fault.text for name, fault in FAULTS.items())


def test_a_fault_of_the_command_line_meets_every_submission(start: Callable[..., Client]) -> None:
    client = start(faults=("refuse-455",))
    assert client.generate("A lake").json["code"] == 455


@pytest.mark.parametrize(("name", "code"), sorted(ENVELOPE.items()))
def test_a_refusal_makes_nothing(start: Callable[..., Client], name: str, code: int) -> None:
    client = start()
    answer = client.generate(f"A lake [[{name}]]")
    assert answer.json["code"] == code
    assert answer.status == (429 if code == 429 else 200)
    assert client.server.tasks == []
    assert client.credit() == 5000.25


def test_a_counted_refusal_ends(client: Client) -> None:
    codes = [client.generate("Once [[refuse-455=2]] [[fail]]").json["code"] for _ in range(3)]
    assert codes == [455, 455, 200]


@pytest.mark.parametrize("name", ["drop-before", "drop-eof"])
def test_a_dropped_submission_makes_nothing(start: Callable[..., Client], name: str) -> None:
    client = start()
    with pytest.raises(DROPPED):
        client.generate(f"A lake [[{name}]]")
    assert client.server.tasks == []


@pytest.mark.parametrize(("tag", "status"), [("redirect", 307), ("redirect=302", 302)])
def test_a_redirect_makes_nothing(client: Client, tag: str, status: int) -> None:
    answer = client.generate(f"A lake [[{tag}]]")
    assert (answer.status, answer.headers["Location"]) == (status, f"{client.server.url}/elsewhere")


@pytest.mark.parametrize("name", ["accept-then-drop", "accept-then-eof", "cut-body"])
def test_an_accepted_task_can_lose_its_answer(start: Callable[..., Client], name: str) -> None:
    client = start()
    with pytest.raises(DROPPED):
        client.generate(f"A lake [[{name}]] [[fail-charged]]")
    client.wait(client.server.tasks[0].id)
    assert client.credit() == 4940.25


def test_a_reset_is_a_real_reset(client: Client) -> None:
    with pytest.raises(ConnectionResetError):
        client.generate("A lake [[accept-then-drop]] [[fail]]")


def test_an_accepted_task_can_go_unanswered(start: Callable[..., Client]) -> None:
    client = start()
    connection = http.client.HTTPConnection("127.0.0.1", client.server.port, timeout=0.3)
    headers = {
        "User-Agent": "test",
        "Content-Type": "application/json",
        "Authorization": "Bearer practice-kie-key",
    }
    body = json.dumps({"prompt": "A lake [[accept-hang]] [[fail]]"})
    connection.request("POST", "/api/v1/veo/generate", body, headers)
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    assert len(client.server.tasks) == 1


def _no_json(answer: Reply) -> bool:
    try:
        json.loads(answer.body)
    except (ValueError, RecursionError):
        return True
    return False


@pytest.mark.parametrize(
    ("tag", "seen"),
    [
        ("accept-then-500", lambda answer: answer.status == 500),
        ("accept-then-500=504", lambda answer: answer.status == 504),
        ("accept-then-502-html", lambda answer: answer.status == 502 and b"<html" in answer.body),
        ("slow-answer=0.001", lambda answer: answer.json["data"]["taskId"]),
        ("truncated", _no_json),
        ("huge", lambda answer: len(answer.body) > 5_000_000),
        ("deep-nesting", _no_json),
        ("odd-json", lambda answer: b"NaN" in answer.body),
        ("odd-json=bom", lambda answer: answer.body.startswith(b"\xef\xbb\xbf")),
        ("odd-json=latin1", _no_json),
        ("no-task-id", lambda answer: answer.json == {"code": 200, "msg": "success", "data": {}}),
        ("bad-task-id", lambda answer: answer.json["data"]["taskId"] == "../x"),
        ("bad-task-id=null", lambda answer: answer.json["data"]["taskId"] is None),
        ("bad-task-id=zero", lambda answer: answer.json["data"]["taskId"] == 0),
        ("bad-task-id=long", lambda answer: len(answer.json["data"]["taskId"]) == 10_000),
        ("bad-task-id=<script>", lambda answer: answer.json["data"]["taskId"] == "<script>"),
    ],
)
def test_an_accepted_task_can_have_a_bad_answer(
    start: Callable[..., Client], tag: str, seen: Callable[[Reply], Any]
) -> None:
    client = start()
    assert seen(client.generate(f"A lake [[{tag}]] [[fail]]"))
    assert len(client.server.tasks) == 1


def test_veo4_can_forget_the_task_id(client: Client) -> None:
    assert "task_id" not in client.veo4("A lake [[no-task-id]] [[fail]]").json


def test_a_gzip_bomb_is_small_on_the_wire(client: Client) -> None:
    answer = client.generate("A lake [[gzip-bomb]] [[fail]]")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.body) < 1_100_000
    one_member = answer.body[: len(answer.body) // 100]
    assert len(gzip.decompress(one_member)) == 10_000_000


def test_a_slow_record_appears_after_three_questions(client: Client) -> None:
    task_id = client.made("A lake [[slow-record]] [[stuck]]")
    assert [client.record(task_id).json["code"] for _ in range(4)] == [422, 422, 422, 200]


def test_a_record_can_vanish(client: Client) -> None:
    task_id = client.made("A lake [[gone]] [[stuck]]")
    assert [client.record(task_id).json["code"] for _ in range(3)] == [200, 422, 422]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("poll-401", 200),
        ("poll-422", 200),
        ("poll-429", 429),
        ("poll-455", 200),
        ("poll-500", 500),
        ("poll-html", 502),
    ],
)
def test_questions_can_be_answered_badly_for_a_while(
    client: Client, name: str, status: int
) -> None:
    task_id = client.made(f"A lake [[{name}=1]] [[stuck]]")
    assert client.record(task_id).status == status
    assert client.record(task_id).json["code"] == 200


def test_questions_can_be_cut_off(client: Client) -> None:
    task_id = client.made("A lake [[poll-drop=1]] [[stuck]]")
    with pytest.raises(ConnectionResetError):
        client.record(task_id)
    assert client.record(task_id).json["code"] == 200


@pytest.mark.parametrize(
    ("tag", "seen"),
    [
        ("weird-flag", lambda record: record["successFlag"] == 7),
        ("weird-flag=9", lambda record: record["successFlag"] == 9),
        ("string-times", lambda record: len(record["createTime"]) == len("2026-01-01 00:00:00")),
        ("string-times=iso", lambda record: record["createTime"][10] == "T"),
        ("old-shape", lambda record: json.loads(record["resultUrls"])[0].endswith(".mp4")),
        ("success-empty", lambda record: record["response"]["resultUrls"] is None),
        ("success-empty=list", lambda record: record["response"]["resultUrls"] == []),
        (
            "urls-as-json-string",
            lambda record: json.loads(record["response"]["resultUrls"])[0].endswith(".mp4"),
        ),
        ("json-string-response", lambda record: json.loads(record["response"])["resultUrls"]),
        ("snake-case", lambda record: record["response"]["result_urls"]),
        ("fail", lambda record: (record["successFlag"], record["response"]) == (3, None)),
        ("fail-early", lambda record: record["successFlag"] == 2),
        ("fail-policy", lambda record: record["errorCode"] == 400),
        ("fail-image", lambda record: "image" in record["errorMessage"]),
        ("fail-charged", lambda record: record["successFlag"] == 3),
        ("cancel", lambda record: record["successFlag"] == 2),
    ],
)
def test_a_record_can_end_oddly(client: Client, tag: str, seen: Callable[[Any], Any]) -> None:
    assert seen(client.ended(client.made(f"A lake [[{tag}]]")))


def test_a_policy_failure_can_show_in_the_envelope(client: Client) -> None:
    task_id = client.made("A lake [[fail-policy-envelope]]")
    client.wait(task_id)
    assert client.record(task_id).json["code"] == 400


@pytest.mark.parametrize(("name", "charged"), [("fail", 0), ("fail-charged", 60)])
def test_only_some_failures_are_charged(
    start: Callable[..., Client], name: str, charged: int
) -> None:
    client = start()
    client.ended(client.made(f"A lake [[{name}]]"))
    assert client.credit() == 5000.25 - charged
    assert client.server.state["accounts"]["practice-kie-key"]["charged"] == charged


def test_veo4_can_end_in_an_unknown_state(client: Client) -> None:
    assert client.veo4_ended("A lake [[weird-flag]]")["status"] == "archived"


def test_nobody_can_connect_while_it_is_away(
    start: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.practice.life.practice.ANSWERED", 0.05)
    client = start()
    assert client.generate("A lake [[away=0.2]]").json["code"] == 200
    while is_there(client):
        pass
    while not is_there(client):
        pass


def is_there(client: Client) -> bool:
    try:
        return client.credit() > 0
    except ConnectionError:
        return False


def test_every_fault_is_tried_by_a_test() -> None:
    tests = "".join(file.read_text("utf-8") for file in Path(__file__).parent.rglob("test_*.py"))
    for name, fault in FAULTS.items():
        assert fault.stage is FaultStage.REFUSE or re.search(rf"[\"\[-]{name}[\"=\]]", tests), name
