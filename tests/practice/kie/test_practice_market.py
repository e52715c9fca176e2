"""kie's unified API: tasks, records whose texts hold texts, charges and callbacks."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from jobs.practice import PracticeServer
from tests.support.servers.practice_client import Client, Inbox, Reply, call

FLASH, VIDEO = "google/gemini-omni-flash-1-1", "gemini-omni-video"
SEEDANCE = "bytedance/seedance-2"
IMAGE = "http://127.0.0.1:9/a.png"


def create(server: PracticeServer, model: str = FLASH, *, hook: str = "", **given: Any) -> Reply:
    body: dict[str, Any] = {"model": model, "input": {"prompt": "A lake [[seconds=0]]", **given}}
    if hook:
        body["callBackUrl"] = hook
    return call(server, "POST", "/api/v1/jobs/createTask", body)


def made(server: PracticeServer, prompt: str, **given: Any) -> str:
    return str(create(server, prompt=prompt, **given).json["data"]["taskId"])


def record(server: PracticeServer, task_id: str) -> Any:
    return call(server, "GET", f"/api/v1/jobs/recordInfo?taskId={task_id}").json


def ended(server: PracticeServer, task_id: str) -> Any:
    Client(server).wait(task_id)
    return record(server, task_id)["data"]


def test_an_accepted_task_names_itself_twice(server: PracticeServer) -> None:
    data = create(server, duration="4", resolution="360p", seed=2**31 - 1).json["data"]
    assert data["taskId"] == data["recordId"]
    assert len(data["taskId"]) == 32


@pytest.mark.parametrize(
    ("model", "given", "code"),
    [
        ("gemini-omni-unheard-of", {}, 404),
        (FLASH, {"prompt": ""}, 422),
        (FLASH, {"prompt": "x" * 20_001}, 422),
        (FLASH, {"duration": 4}, 422),
        (FLASH, {"duration": "5"}, 422),
        (FLASH, {"seed": 2**31}, 422),
        (FLASH, {"seed": "7"}, 422),
        (FLASH, {"aspect_ratio": "1:1"}, 422),
        (FLASH, {"last_frame_url": IMAGE}, 422),
        (FLASH, {"first_frame_url": IMAGE, "image_urls": [IMAGE]}, 422),
        (FLASH, {"image_urls": [IMAGE] * 8}, 422),
        (FLASH, {"watermark": "Us"}, 422),
        (VIDEO, {"first_frame_url": IMAGE}, 422),
        (VIDEO, {"resolution": "360p"}, 422),
        (SEEDANCE, {"seed": 7}, 422),
        (SEEDANCE, {"duration": "4"}, 422),
        (SEEDANCE, {"duration": 16}, 422),
        (SEEDANCE, {"resolution": "4k"}, 422),
        (SEEDANCE, {"image_urls": [IMAGE]}, 422),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_a_model_does_not_take_is_refused_in_the_envelope(
    server: PracticeServer, model: str, given: dict[str, Any], code: int
) -> None:
    answer = create(server, model, **given)
    assert (answer.status, answer.json["code"], answer.json["data"]) == (200, code, None)


def test_a_record_goes_from_waiting_to_success(server: PracticeServer) -> None:
    task_id = made(server, "A lake [[queue=60]]", duration="4")
    assert [record(server, task_id)["data"]["state"] for _ in range(2)] == ["waiting", "queuing"]
    task_id = made(server, "A lake [[stuck]]", duration="4")
    assert record(server, task_id)["data"]["state"] == "generating"
    data = ended(server, made(server, "A lake [[seconds=0]]", duration="4", resolution="360p"))
    assert (data["state"], data["creditsConsumed"]) == ("success", 63)
    assert json.loads(data["resultJson"])["resultUrls"][0].endswith(".mp4")


def test_a_record_repeats_its_order_in_a_text_within_a_text(server: PracticeServer) -> None:
    data = record(server, made(server, "A lake [[stuck]]", seed=7))["data"]
    param = json.loads(data["param"])
    assert param["model"] == FLASH
    assert json.loads(param["input"]) == {"prompt": "A lake [[stuck]]", "seed": 7}


@pytest.mark.parametrize(
    ("tag", "facts"),
    [
        ("fail", {"state": "fail", "failCode": "500", "creditsConsumed": 0}),
        ("fail-charged", {"state": "fail", "creditsConsumed": 105}),
        ("overcharge", {"state": "success", "creditsConsumed": 126}),
        ("weird-flag", {"state": "archived", "resultJson": ""}),
    ],
)
def test_a_task_ends_as_its_prompt_asks(
    server: PracticeServer, tag: str, facts: dict[str, Any]
) -> None:
    data = ended(server, made(server, f"A lake [[seconds=0]] [[{tag}]]"))
    assert {name: data[name] for name in facts} == facts


def test_a_charge_can_be_kept_quiet(server: PracticeServer) -> None:
    data = ended(server, made(server, "A lake [[seconds=0]] [[no-charge-figure]]"))
    assert "creditsConsumed" not in data


@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("16:9", (852, 480)),
        ("9:16", (480, 852)),
        ("1:1", (480, 480)),
        ("4:3", (640, 480)),
        ("3:4", (480, 640)),
        ("21:9", (1120, 480)),
    ],
)
def test_a_film_has_the_format_and_the_price_by_the_second_that_it_was_ordered_in(
    server: PracticeServer, ratio: str, size: tuple[int, int]
) -> None:
    create(server, SEEDANCE, aspect_ratio=ratio, resolution="480p", duration=5)
    task = server.tasks[-1]
    assert ((task.film.width, task.film.height), int(task.price)) == (size, 95)


@pytest.mark.parametrize("manner", ["snake-case", "urls-as-json-string", "success-empty"])
def test_what_a_record_carries_can_be_shaped_otherwise(server: PracticeServer, manner: str) -> None:
    data = ended(server, made(server, f"A lake [[seconds=0]] [[{manner}]]", duration="4"))
    result = json.loads(data["resultJson"])
    shaped = {
        "snake-case": "result_urls" in result,
        "urls-as-json-string": isinstance(result.get("resultUrls"), str),
        "success-empty": result.get("resultUrls", "") is None,
    }
    assert shaped[manner]


def test_a_model_can_be_withdrawn(server: PracticeServer) -> None:
    before = len(server.tasks)
    answer = create(server, prompt="A lake [[refuse-withdrawn]]").json
    assert (answer["code"], answer["msg"]) == (422, "This model is no longer available.")
    assert len(server.tasks) == before


def test_films_of_one_prompt_look_different_by_model(start: Callable[..., Client]) -> None:
    server = start(reuse_films=False).server
    for model in (FLASH, VIDEO):
        create(server, model, prompt="A lake [[stuck]]", seed=7, duration="4")
    one, other = (task.film for task in server.tasks)
    assert one.look != other.look
    assert "Gemini Omni 1.1 Flash" in one.label
    assert "Gemini Omni 1.1 Flash" not in other.label


def test_each_api_knows_its_own_tasks_alone(server: PracticeServer) -> None:
    client = Client(server)
    veo, omni = client.made(), made(server, "A lake")
    assert record(server, veo)["msg"] == "recordInfo is null"
    assert client.record(omni).json["code"] == 422
    assert client.extend(omni).json["code"] == 404


def test_a_callback_is_the_record(server: PracticeServer) -> None:
    with Inbox() as inbox:
        task_id = create(server, hook=inbox.url).json["data"]["taskId"]
        body = inbox.wait()[0].json
    assert (body["code"], body["data"]) == (200, record(server, task_id)["data"])


def test_a_callback_of_a_failure_says_501(server: PracticeServer) -> None:
    with Inbox() as inbox:
        create(server, hook=inbox.url, prompt="A lake [[seconds=0]] [[fail]]")
        body = inbox.wait()[0].json
    assert (body["code"], body["data"]["state"]) == (501, "fail")
