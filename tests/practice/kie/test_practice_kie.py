"""kie's contract: submissions, records, credit and links."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from jobs.practice import PracticeServer
from tests.support.servers.practice_client import Client, call

GENERATE = "/api/v1/veo/generate"
IMAGE = "http://127.0.0.1:9/a.png"


def test_an_accepted_task_has_an_opaque_id(client: Client) -> None:
    answer = client.generate()
    assert answer.status == 200
    assert answer.json["code"] == 200
    assert len(answer.json["data"]["taskId"]) == 32


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": ""},
        {"prompt": 7},
        {"prompt": "\ud800"},
        {"model": "veo4"},
        {"aspect_ratio": "1:1"},
        {"aspect_ratio": "16:9", "aspectRatio": "16:9"},
        {"resolution": "4K"},
        {"duration": 5},
        {"duration": 8.0},
        {"duration": "8"},
        {"seeds": 9_999},
        {"seeds": True},
        {"seeds": "12345"},
        {"watermark": 1},
        {"enableTranslation": "true"},
        {"enableFallback": "false"},
        {"callBackUrl": "/hook"},
        {"callBackUrl": "ftp://example.com/"},
        {"callBackUrl": "http://exa mple.com/"},
        {"imageUrls": []},
        {"imageUrls": IMAGE},
        {"imageUrls": [IMAGE] * 3},
        {"imageUrls": [IMAGE], "generationType": "TEXT_2_VIDEO"},
        {"generationType": "FIRST_AND_LAST_FRAMES_2_VIDEO"},
        {"generationType": "REFERENCE_2_VIDEO", "imageUrls": [IMAGE], "model": "veo3"},
        {"generationType": "REFERENCE_2_VIDEO", "imageUrls": [IMAGE], "duration": 4},
        {"resolution": "1080p", "duration": 4},
        {"resolution": "4k", "aspect_ratio": "Auto"},
        {"callbackUrl": "https://example.com/"},
    ],
    ids=repr,
)
def test_a_wrong_field_is_refused_in_the_envelope(client: Client, fields: dict[str, Any]) -> None:
    answer = client.generate(**{"prompt": "A lake", **fields})
    assert answer.status == 200
    assert answer.json["code"] == 422
    assert answer.json["data"] is None


@pytest.mark.parametrize(
    "fields",
    [
        {"imageUrls": [IMAGE, IMAGE]},
        {"imageUrls": [IMAGE] * 3, "generationType": "REFERENCE_2_VIDEO"},
        {"aspectRatio": "9:16"},
        {"enableFallback": False},
        {"seeds": 10_000, "watermark": "Brand", "enableTranslation": True, "duration": 4},
    ],
    ids=repr,
)
def test_every_documented_field_is_accepted(client: Client, fields: dict[str, Any]) -> None:
    assert client.generate(**fields).json["code"] == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"prompt":NaN}', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(server: PracticeServer, body: bytes) -> None:
    assert call(server, "POST", GENERATE, body).json["code"] == 422


def test_another_content_type_is_refused(server: PracticeServer) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert call(server, "POST", GENERATE, b"prompt=x", headers).json["code"] == 422


def test_a_client_without_user_agent_is_stopped_at_the_edge(server: PracticeServer) -> None:
    answer = call(server, "GET", "/api/v1/chat/credit", headers={"User-Agent": ""})
    assert (answer.status, answer.body) == (403, b"error code: 1010")


@pytest.mark.parametrize("path", ["/api/v1/chat/credit", "/api/v1/veo/record-info?taskId=x"])
def test_a_wrong_key_is_refused_with_http_200(server: PracticeServer, path: str) -> None:
    answer = call(server, "GET", path, key="wrong")
    assert answer.status == 200
    assert answer.json["code"] == 401


def test_a_key_of_someone_else_is_not_remembered(server: PracticeServer) -> None:
    call(server, "GET", "/api/v1/chat/credit", key="a-real-secret")
    assert server.requests[-1].headers["authorization"] == "(unknown)"


def test_a_running_record_has_no_response(client: Client) -> None:
    record = client.record(client.made("A lake [[stuck]]")).json["data"]
    assert record["successFlag"] == 0
    assert record["response"] is record["completeTime"] is record["errorCode"] is None
    assert record["createTime"] > 1_700_000_000_000


def test_the_record_repeats_the_request_as_kie_does(client: Client) -> None:
    hook = "http://127.0.0.1:9/never"
    task_id = client.made("A lake [[stuck]]", seeds=12_345, callBackUrl=hook, aspect_ratio="9:16")
    echoed = json.loads(client.record(task_id).json["data"]["paramJson"])
    assert echoed == {
        "prompt": "A lake [[stuck]]",
        "seeds": 12_345,
        "callBackUrl": hook,
        "aspectRatio": "9:16",
    }


def test_a_finished_record_names_the_film(client: Client) -> None:
    record = client.ended(client.made())
    assert record["successFlag"] == 1
    assert record["response"]["resolution"] == "720p"
    assert record["response"]["resultUrls"][0].startswith(client.server.url)
    assert "originUrls" not in record["response"]
    assert record["completeTime"] >= record["createTime"]


def test_a_portrait_film_has_an_original(client: Client) -> None:
    record = client.ended(client.made(aspect_ratio="9:16"))
    assert len(record["response"]["originUrls"]) == 1


def test_an_unknown_task_does_not_exist(client: Client) -> None:
    answer = client.record("nothing").json
    assert (answer["code"], answer["msg"]) == (422, "The record does not exist")


def test_an_unknown_task_can_also_be_null(start: Callable[..., Client]) -> None:
    answer = start(unknown_record="null").record("nothing").json
    assert answer == {"code": 200, "msg": "success", "data": None}


def test_a_task_is_hidden_from_other_accounts(start: Callable[..., Client]) -> None:
    mine = start(kie_keys=("mine", "yours"))
    mine.kie_key = "mine"
    task_id = mine.made()
    yours = Client(mine.server, "yours")
    assert yours.record(task_id).json["code"] == 422


def test_two_keys_can_share_an_account(start: Callable[..., Client]) -> None:
    one = start(kie_keys=("a@studio", "b@studio"))
    one.kie_key = "a"
    task_id = one.made("A lake [[stuck]]")
    assert Client(one.server, "b").record(task_id).json["data"]["taskId"] == task_id


@pytest.mark.parametrize(
    ("fields", "price"),
    [
        ({}, 60),
        ({"model": "veo3"}, 250),
        ({"model": "veo3_lite", "resolution": "1080p"}, 35),
        ({"model": "veo3", "resolution": "4k"}, 380),
        ({"model": "veo3", "resolution": "4k", "imageUrls": [IMAGE]}, 370),
    ],
    ids=repr,
)
def test_a_generation_costs_its_listed_price(
    client: Client, fields: dict[str, Any], price: int
) -> None:
    before = client.credit()
    client.made("A lake [[stuck]]", **fields)
    assert before - client.credit() == price


def test_the_balance_is_decimal_and_never_overdrawn(start: Callable[..., Client]) -> None:
    poor = start(balance=Decimal("100.25"))
    assert poor.generate("One [[stuck]]").json["code"] == 200
    assert poor.credit() == 40.25
    assert poor.generate("Two [[stuck]]").json["code"] == 402
    assert poor.credit() == 40.25


def test_the_twenty_first_creation_in_ten_seconds_is_too_many(start: Callable[..., Client]) -> None:
    client = start(rate_limit=20)
    codes = [client.generate("A lake [[stuck]]").status for _ in range(21)]
    assert codes == [200] * 20 + [429]
    account = client.server.state["accounts"]["practice-kie-key"]
    assert (account["creations_accepted"], account["creations_limited"]) == (20, 1)


def test_too_many_requests_say_when_to_come_back(client: Client) -> None:
    answer = client.generate("A lake [[refuse-429]]")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "2")


def test_a_foreign_address_gets_no_link(client: Client) -> None:
    path, body = "/api/v1/common/download-url", {"url": "https://cdn.kie.ai/files/a.mp4"}
    answer = call(client.server, "POST", path, body).json
    assert answer == {"code": 422, "msg": "url is wrong", "data": None}
