"""Callbacks: their shapes, signatures, repetitions and lies."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator

import pytest

from jobs.practice.dialects.kie_callbacks import signature
from tests.support.servers.practice_client import Client, Inbox


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as running:
        yield running


def test_success_is_told_in_the_documented_shape(client: Client, inbox: Inbox) -> None:
    task_id = client.made(callBackUrl=inbox.url, model="veo3_lite")
    body = inbox.wait()[0].json
    assert (body["code"], body["msg"]) == (200, "Veo3.1 video generated successfully.")
    assert body["data"]["taskId"] == task_id
    assert body["data"]["info"] == {
        "resultUrls": client.ended(task_id)["response"]["resultUrls"],
        "resolution": "720p",
    }
    assert body["data"]["promptJson"]["callBackUrl"] == inbox.url


def test_failure_is_told_without_info(client: Client, inbox: Inbox) -> None:
    task_id = client.made("x [[fail-policy]]", callBackUrl=inbox.url)
    body = inbox.wait()[0].json
    assert body["code"] == 400
    assert body["data"] == {"taskId": task_id, "fallbackFlag": False}


@pytest.mark.parametrize(
    ("task_id", "timestamp", "key", "expected"),
    [
        (
            "veo_task_abcdef123456",
            "1760000000",
            "test-webhook-hmac-key",
            "wRNKr/maPv6LrxWJQ1/DCp/Vt5z6sY02WnRaOiNe0ec=",
        ),
        (
            "2b1b13eca3e8b8bbd5a88610d29dfd51",
            "1790960000",
            "k3y",
            "/5ugPxo27npenx7qBf+/L+h9YMC3QwkGDHFsD7ixewA=",
        ),
    ],
)
def test_signatures_match_the_documented_vectors(
    task_id: str, timestamp: str, key: str, expected: str
) -> None:
    assert signature(task_id, timestamp, key) == expected


def test_kie_signs_id_and_time(start: Callable[..., Client], inbox: Inbox) -> None:
    client = start(kie_hmac_key="k3y")
    task_id = client.made("x [[fail]]", callBackUrl=inbox.url)
    headers = inbox.wait()[0].headers
    stamp = headers["X-Webhook-Timestamp"]
    assert headers["X-Webhook-Signature"] == signature(task_id, stamp, "k3y")


def test_a_signature_can_be_wrong_or_missing(start: Callable[..., Client], inbox: Inbox) -> None:
    client = start(kie_hmac_key="k3y")
    task_id = client.made("x [[fail]] [[bad-signature-callback]]", callBackUrl=inbox.url)
    headers = inbox.wait()[0].headers
    stamp = headers["X-Webhook-Timestamp"]
    assert headers["X-Webhook-Signature"] != signature(task_id, stamp, "k3y")
    client.made("x [[fail]] [[unsigned-callback]]", callBackUrl=inbox.url)
    assert "X-Webhook-Signature" not in inbox.wait(2)[1].headers


def test_veo4_signs_the_raw_body(start: Callable[..., Client], inbox: Inbox) -> None:
    client = start(veo4_signature_header="X-Veo4-Signature", veo4_signature_secret="s3cret")
    task_id = client.veo4("A lake", webhook_url=inbox.url).json["task_id"]
    event = inbox.wait()[0]
    expected = hmac.new(b"s3cret", event.body, hashlib.sha256).hexdigest()
    assert event.headers["X-Veo4-Signature"] == expected
    assert event.json["event"] == "video.succeeded"
    assert (event.json["task_id"], event.json["credits_charged"]) == (task_id, 180)


def test_a_callback_that_is_not_taken_comes_again_three_times(
    start: Callable[..., Client], inbox: Inbox
) -> None:
    inbox.statuses = [500, 503, 302, 500]
    client = start()
    client.made("x [[fail]]", callBackUrl=inbox.url)
    inbox.wait(4)
    client.made("y [[fail]]", callBackUrl=inbox.url)
    assert client.server.tasks[0].callbacks == 4
    assert inbox.wait(5)[4].json["data"]["taskId"] == client.server.tasks[1].id


def test_a_callback_to_nobody_harms_nothing(client: Client) -> None:
    task_id = client.made("x [[fail]]", callBackUrl="http://127.0.0.1:1/")
    assert client.ended(task_id)["successFlag"] == 3


def test_no_callback_can_be_asked_for(client: Client, inbox: Inbox) -> None:
    silent = client.made("x [[fail]] [[no-callback]]", callBackUrl=inbox.url)
    client.wait(silent)
    client.made("x [[fail]]", callBackUrl=inbox.url)
    assert inbox.wait()[0].json["data"]["taskId"] != silent


def test_an_early_callback_comes_before_the_answer(client: Client, inbox: Inbox) -> None:
    task_id = client.made("x [[early-callback]] [[stuck]]", callBackUrl=inbox.url)
    assert inbox.received[0].json["data"]["taskId"] == task_id
    assert client.record(task_id).json["data"]["successFlag"] == 0


def test_a_duplicate_callback_comes_three_times(client: Client, inbox: Inbox) -> None:
    client.made("x [[fail]] [[duplicate-callback]]", callBackUrl=inbox.url)
    assert len({event.body for event in inbox.wait(3)}) == 1


def test_a_late_callback_comes_after_the_end(client: Client, inbox: Inbox) -> None:
    task_id = client.made("x [[fail]] [[late-callback=0.2]]", callBackUrl=inbox.url)
    client.wait(task_id)
    assert not inbox.received
    inbox.wait()


def test_a_forged_callback_names_a_stranger(client: Client, inbox: Inbox) -> None:
    task_id = client.made("x [[forged-callback-url]]", callBackUrl=inbox.url)
    assert "attacker.example" in inbox.wait()[0].json["data"]["info"]["resultUrls"][0]
    assert "attacker.example" not in client.ended(task_id)["response"]["resultUrls"][0]


def test_an_odd_callback_carries_a_prompt_that_is_no_json(client: Client, inbox: Inbox) -> None:
    client.made("x [[odd-callback]]", callBackUrl=inbox.url)
    data = inbox.wait()[0].json["data"]
    assert data["info"]["resultUrls"].startswith("[http")
    with pytest.raises(json.JSONDecodeError):
        json.loads(data["promptJson"])
