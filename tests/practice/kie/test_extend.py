"""kie's extend: what it costs, whom it refuses, and a film that is really longer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from tests.support.servers.practice_client import Client, Inbox


def seconds_of(client: Client, url: str, folder: Path) -> int:
    film = folder / "film.mp4"
    film.write_bytes(client.fetch(url).body)
    with av.open(str(film)) as container:
        shown = sum(1 for _ in container.decode(video=0))
        assert container.duration is not None
        assert shown == round(container.duration / 1_000_000 * 2), "the frames fill its length"
        return round(container.duration / 1_000_000)


@pytest.mark.parametrize(
    ("fields", "price"), [({}, 60), ({"model": "quality"}, 250), ({"model": "lite"}, 30)]
)
def test_an_extension_is_a_new_task_at_its_listed_price(
    client: Client, fields: dict[str, Any], price: int
) -> None:
    source, before = client.finished(), client.credit()
    task_id = client.extended(source, **fields)
    assert task_id != source
    assert before - client.credit() == price


def test_the_film_is_longer_and_the_new_part_stands_alone_beside_it(
    client: Client, tmp_path: Path
) -> None:
    response = client.ended(client.extended(client.finished(duration=8)))["response"]
    assert seconds_of(client, response["fullResultUrls"][0], tmp_path) == 8 + 7
    assert seconds_of(client, response["resultUrls"][0], tmp_path) == 7


def test_an_extension_can_be_extended(client: Client, tmp_path: Path) -> None:
    once = client.extended(client.finished(duration=4))
    client.wait(once)
    response = client.ended(client.extended(once))["response"]
    assert seconds_of(client, response["fullResultUrls"][0], tmp_path) == 4 + 7 + 7


def test_a_film_of_its_own_is_extended_as_well_as_one_for_all(
    start: Callable[..., Client], tmp_path: Path
) -> None:
    client = start(reuse_films=False, fps=2)
    task_id = client.extended(client.finished("A hill", duration=4, aspect_ratio="9:16"))
    response = client.ended(task_id)["response"]
    assert seconds_of(client, response["fullResultUrls"][0], tmp_path) == 4 + 7
    assert len(response["originUrls"]) == 1


def test_its_links_can_be_renewed(client: Client) -> None:
    task_id = client.extended(client.finished(), "On [[expired-file]]")
    response = client.ended(task_id)["response"]
    for url in (response["fullResultUrls"][0], response["resultUrls"][0]):
        assert client.fetch(url).status == 404
        assert client.fetch(client.renewed(url)).status == 200


def test_it_calls_back_with_both_films(client: Client) -> None:
    with Inbox() as inbox:
        task_id = client.extended(client.finished(), callBackUrl=inbox.url)
        data = inbox.wait()[0].json["data"]
    response = client.ended(task_id)["response"]
    assert data["info"]["fullResultUrls"] == response["fullResultUrls"]
    assert data["info"]["resultUrls"] == response["resultUrls"]


def test_the_record_repeats_which_video_was_extended(client: Client) -> None:
    source = client.finished()
    task_id = client.extended(source, "On [[stuck]]", seeds=12_345)
    echoed = json.loads(client.record(task_id).json["data"]["paramJson"])
    assert (echoed["taskId"], echoed["seeds"]) == (source, 12_345)


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": " "},
        {"model": "veo3_fast"},
        {"seeds": 5},
        {"index": 0},
        {"callBackUrl": "hook"},
        {"taskId": 7},
    ],
    ids=str,
)
def test_a_wrong_field_is_refused(client: Client, fields: dict[str, Any]) -> None:
    answer = client.extend("x", **{"prompt": "On", **fields})
    assert answer.json["code"] == 422


def test_only_a_video_of_this_account_that_succeeded_is_extended(
    start: Callable[..., Client],
) -> None:
    mine = start(kie_keys=("mine", "yours"))
    mine.kie_key = "mine"
    yours = Client(mine.server, "yours")
    assert yours.extend(mine.finished()).json["code"] == 404
    assert mine.extend("unknown").json["code"] == 404
    assert mine.extend(mine.finished("x [[fail]]")).json["code"] == 404
    assert mine.extend(mine.made("x [[stuck]]")).json["code"] == 404


def test_a_video_that_went_through_1080p_is_not_extended(client: Client) -> None:
    source = client.finished()
    client.get_1080p(source)
    answer = client.extend(source).json
    assert (answer["code"], "1080P" in answer["msg"]) == (422, True)


def test_after_a_failed_1080p_it_still_is(client: Client) -> None:
    source = client.finished("A lake [[1080p-fail]]")
    client.upgraded(source, "1080p")
    assert client.extend(source).json["code"] == 200


def test_a_video_made_large_is_not_extended(client: Client) -> None:
    assert client.extend(client.finished(resolution="1080p")).json["code"] == 422


def test_a_video_is_not_extended_without_end(client: Client) -> None:
    source = client.finished()
    for _ in range(20):
        source = client.extended(source)
        client.wait(source)
    assert client.extend(source).json["code"] == 422


def test_an_old_video_is_not_extended(client: Client) -> None:
    answer = client.extend(client.finished("A lake [[old]]")).json
    assert (answer["code"], "14 days" in answer["msg"]) == (422, True)


def test_a_record_can_hold_the_tail_alone(client: Client) -> None:
    task_id = client.extended(client.finished(), "On [[tail-only]]")
    assert "fullResultUrls" not in client.ended(task_id)["response"]


def test_its_faults_stand_in_its_own_prompt(client: Client) -> None:
    source = client.finished("A lake [[poll-500=0]]")
    assert client.extend(source, "On [[refuse-455]]").json["code"] == 455
    assert client.ended(client.extended(source, "On [[fail]]"))["successFlag"] == 3


def test_veo4_extends_into_one_longer_film(client: Client, tmp_path: Path) -> None:
    source = client.veo4_ended("A lake [[seconds=0]]")["task_id"]
    longer = client.veo4("On [[seconds=0]]", extend_task_id=source).json["task_id"]
    client.wait(longer)
    status = client.status(longer).json
    assert seconds_of(client, status["video_url"], tmp_path) == 16
    assert client.fetch(status["thumbnail_url"]).body[:3] == b"\xff\xd8\xff"
    assert status["credits_charged"] == 180
