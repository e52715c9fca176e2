"""Faults of upgrades, which stand in the prompt of the video they enlarge."""

import http.client
from collections.abc import Callable

import pytest

from tests.practice.kie.test_practice_upgrades import BOTH, ask
from tests.practice.test_faults import DROPPED
from tests.support.servers.practice_client import Client


@BOTH
def test_a_refused_upgrade_makes_nothing_and_a_counted_refusal_ends(
    client: Client, kind: str
) -> None:
    source = client.finished(f"A lake [[{kind}-refuse-455=2]]")
    codes = [ask(client, source, kind)["code"] for _ in range(3)]
    assert codes == [455, 455, 400 if kind == "1080p" else 200]


@BOTH
@pytest.mark.parametrize(("fault", "made"), [("drop-before", 0), ("accept-then-drop", 1)])
def test_an_upgrade_can_lose_its_answer(client: Client, kind: str, fault: str, made: int) -> None:
    source = client.finished(f"A lake [[{kind}-{fault}]] [[{kind}-stuck]]")
    with pytest.raises(DROPPED):
        ask(client, source, kind)
    assert len([t for t in client.server.tasks if t.source and t.source.id == source]) == made
    if made:
        assert ask(client, source, kind)["code"] == 422


@BOTH
def test_questions_about_an_upgrade_can_go_wrong_for_a_while(client: Client, kind: str) -> None:
    source = client.finished(f"A lake [[{kind}-poll-html=1]] [[{kind}-stuck]]")
    ask(client, source, kind)
    answer = (client.get_1080p if kind == "1080p" else client.get_4k)(source)
    assert (answer.status, answer.body[:6]) == (502, b"<html>")
    assert ask(client, source, kind)["code"] in {422, 500}


@BOTH
def test_an_upgrade_can_be_forgotten(client: Client, kind: str) -> None:
    source = client.finished(f"A lake [[{kind}-gone]] [[{kind}-stuck]]")
    assert [ask(client, source, kind)["msg"] for _ in range(3)][2] == "record is null."


def test_names_can_be_in_snake_case_and_links_missing(client: Client) -> None:
    tags = "[[1080p-snake-case]] [[4k-snake-case]]"
    source = client.finished(f"A lake {tags}")
    assert client.upgraded(source, "1080p").json["data"]["result_url"]
    assert client.upgraded(source, "4k").json["data"]["result_urls"]
    empty = client.finished("A lake [[1080p-success-empty]]")
    assert client.upgraded(empty, "1080p").json["data"] == {"resultUrl": None}


@pytest.mark.parametrize(
    ("fault", "codes"), [("4k-refuse-455", [400, 455]), ("accept-then-500", [500, 500])]
)
def test_faults_of_the_command_line_strike_upgrades_or_one_kind_of_them(
    start: Callable[..., Client], fault: str, codes: list[int]
) -> None:
    client = start(faults=(fault,))
    client.generate("A lake")
    (source,) = client.server.tasks
    client.wait(source.id)
    assert [ask(client, source.id, kind)["code"] for kind in ("1080p", "4k")] == codes


def test_a_hanging_upgrade_was_made_all_the_same(client: Client) -> None:
    source = client.finished("A lake [[1080p-accept-hang]]")
    line = http.client.HTTPConnection("127.0.0.1", client.server.port, timeout=0.3)
    headers = {"User-Agent": "test", "Authorization": "Bearer practice-kie-key"}
    line.request("GET", f"/api/v1/veo/get-1080p-video?taskId={source}", headers=headers)
    with pytest.raises(TimeoutError):
        line.getresponse()
    line.close()
    assert client.upgrade(source, "1080p").charged == 5
