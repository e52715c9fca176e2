"""veo4's contract: real status codes, flat bodies."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from jobs.practice import PracticeServer
from tests.support.servers.practice_client import VEO4, Client, call


def test_an_accepted_task_is_queued_with_an_estimate(client: Client) -> None:
    answer = client.veo4("A lake [[stuck]]")
    assert answer.status == 200
    assert answer.json["status"] == "queued"
    assert answer.json["credits_estimated"] == 180
    assert answer.json["task_id"].startswith("veo4_task_")


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": " "},
        {"prompt": "x" * 20_001},
        {"aspect_ratio": "Auto"},
        {"seeds": 100_000},
        {"image_urls": ["nowhere"]},
        {"public": 0},
        {"enableTranslation": None},
        {"extend_task_id": "unknown"},
        {"webhook_url": "hook"},
        {"model": "veo-4"},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_a_wrong_field_is_a_bad_request(client: Client, fields: dict[str, Any]) -> None:
    answer = client.veo4(**{"prompt": "A lake", **fields})
    assert answer.status == 400
    assert answer.json["error"]["message"]


def test_every_documented_field_is_accepted(client: Client) -> None:
    answer = client.veo4(
        aspect_ratio="1:1",
        seeds=99_999,
        image_urls=["http://127.0.0.1:9/a.png"],
        watermark="Brand",
        enableTranslation=False,
        public=False,
    )
    assert answer.status == 200


def test_a_wrong_key_is_unauthorized(server: PracticeServer) -> None:
    assert call(server, "POST", f"{VEO4}/generate", {"prompt": "x"}, key="no").status == 401


def test_kie_keys_do_not_open_veo4(server: PracticeServer) -> None:
    assert call(server, "GET", f"{VEO4}/status?task_id=x").status == 401


def test_a_finished_task_tells_addresses_and_charge(client: Client) -> None:
    ended = client.veo4_ended("A lake [[seconds=0]]")
    assert (ended["status"], ended["progress"], ended["credits_charged"]) == ("succeeded", 100, 180)
    assert client.fetch(ended["video_url"]).headers["Content-Type"] == "video/mp4"
    assert client.fetch(ended["thumbnail_url"]).body[:3] == b"\xff\xd8\xff"


def test_a_running_task_moves_from_queued_to_processing(client: Client) -> None:
    waiting = client.veo4("A lake [[seconds=60]] [[queue=60]]").json["task_id"]
    working = client.veo4("A lake [[seconds=60]]").json["task_id"]
    assert client.status(waiting).json["status"] == "queued"
    assert client.status(working).json["status"] == "processing"
    assert 0 <= client.status(working).json["progress"] < 100


def test_an_unknown_task_is_not_found(client: Client) -> None:
    assert client.status("nothing").status == 404


def test_a_completed_task_can_be_extended(client: Client) -> None:
    source = client.veo4_ended("A lake [[seconds=0]]")["task_id"]
    assert client.veo4(extend_task_id=source).status == 200


def test_an_empty_balance_is_payment_required(start: Callable[..., Client]) -> None:
    poor = start(balance=Decimal(200))
    assert poor.veo4("A lake [[stuck]]").status == 200
    assert poor.veo4("A lake [[stuck]]").status == 402


def test_a_conflict_names_the_task_that_exists(client: Client) -> None:
    answer = client.veo4("A lake [[refuse-409]] [[stuck]]")
    assert answer.status == 409
    assert client.server.tasks[-1].id in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("fault", "status"), [("refuse-422", 400), ("refuse-455", 503), ("refuse-429", 429)]
)
def test_refusals_have_real_status_codes(client: Client, fault: str, status: int) -> None:
    assert client.veo4(f"A lake [[{fault}]]").status == status


def test_an_overcharge_is_told_and_taken(start: Callable[..., Client]) -> None:
    client = start(balance=Decimal(1000))
    assert client.veo4_ended("A lake [[overcharge]]")["credits_charged"] == 240
    assert client.server.state["accounts"]["practice-veo4-key"]["balance"] == 760


def test_figures_can_be_left_out(client: Client) -> None:
    ended = client.veo4_ended("A lake [[no-charge-figure]] [[no-progress]]")
    assert "credits_charged" not in ended
    assert "progress" not in ended


@pytest.mark.parametrize(("fault", "word"), [("fail", "failed"), ("cancel", "canceled")])
def test_a_failure_says_why_and_is_refunded(
    start: Callable[..., Client], fault: str, word: str
) -> None:
    client = start(balance=Decimal(1000))
    ended = client.veo4_ended(f"A lake [[{fault}]]")
    assert ended["status"] == word
    assert ended["error"]["message"]
    assert client.server.state["accounts"]["practice-veo4-key"]["balance"] == 1000
