"""kie's upgrades: the first question pays, all others wait, and the film is really larger."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import av
import pytest

from tests.support.servers.practice_client import Client, Inbox

BOTH = pytest.mark.parametrize("kind", ["1080p", "4k"])


def ask(client: Client, task_id: str, kind: str) -> Any:
    return (client.get_1080p if kind == "1080p" else client.get_4k)(task_id).json


def link(answer: Any) -> str:
    data = answer["data"]
    return str(data["resultUrl"] if "resultUrl" in data else data["resultUrls"][0])


@pytest.mark.parametrize(("kind", "size"), [("1080p", (1920, 1080)), ("4k", (3840, 2160))])
def test_the_film_is_as_large_as_it_says(
    client: Client, tmp_path: Path, kind: str, size: tuple[int, int]
) -> None:
    film = tmp_path / "film.mp4"
    answer = client.upgraded(client.finished(duration=4), kind)
    film.write_bytes(client.fetch(link(answer.json)).body)
    with av.open(str(film)) as container:
        video = container.streams.video[0]
        assert (video.width, video.height, container.duration) == (*size, 4_000_000)


def test_a_portrait_stays_a_portrait(client: Client) -> None:
    source = client.finished(aspect_ratio="9:16", duration=4)
    client.upgraded(source, "1080p")
    film = client.upgrade(source, "1080p").film
    assert (film.width, film.height) == (1080, 1920)


@pytest.mark.parametrize(("kind", "price"), [("1080p", 5), ("4k", 120)])
def test_however_often_one_asks_it_is_charged_once(client: Client, kind: str, price: int) -> None:
    source, before = client.finished(), client.credit()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ask(client, source, kind), range(24)))
    client.upgraded(source, kind)
    assert before - client.credit() == price
    (task,) = (t for t in client.server.state["tasks"] if t["source"] == source)
    assert (task["kind"], task["charged"], task["submissions_accepted"]) == (kind, price, 1)
    assert task["submissions_seen"] == 26


def test_1080p_that_is_not_ready_is_told_in_three_forms_by_turns(client: Client) -> None:
    source = client.finished("A lake [[1080p-stuck]]")
    heard = [client.get_1080p(source).json for _ in range(4)]
    assert [answer["code"] for answer in heard] == [400, 422, 500, 400]
    assert "1080P is processing" in heard[0]["msg"]
    assert "Records are being generated" in heard[1]["msg"]
    assert {answer["data"] for answer in heard} == {None}


@pytest.mark.parametrize("code", ["400", "422", "500"])
def test_one_form_can_be_chosen(client: Client, code: str) -> None:
    source = client.finished(f"A lake [[1080p-stuck]] [[1080p-not-ready={code}]]")
    assert {client.get_1080p(source).json["code"] for _ in range(3)} == {int(code)}


def test_1080p_that_is_ready_is_a_link(client: Client) -> None:
    answer = client.upgraded(client.finished(), "1080p").json
    assert (answer["code"], list(answer["data"])) == (200, ["resultUrl"])


def test_4k_is_accepted_then_processing_then_done_under_an_error_code(client: Client) -> None:
    source = client.finished("A lake [[4k-stuck]]")
    accepted, processing = ask(client, source, "4k"), ask(client, source, "4k")
    task_id = accepted["data"]["taskId"]
    nothing = {"taskId": task_id, "resultUrls": None, "imageUrls": None}
    assert (accepted["code"], accepted["data"]) == (200, nothing)
    assert (processing["code"], processing["data"]) == (422, nothing)
    assert processing["msg"].startswith("4k is processing.")
    done = client.upgraded(client.finished(), "4k").json
    assert (done["code"], done["msg"]) == (422, "The video has been generated successfully")
    assert client.fetch(done["data"]["imageUrls"][0]).body[:3] == b"\xff\xd8\xff"


def test_the_4k_task_has_an_id_and_a_record_of_its_own(client: Client) -> None:
    source = client.finished()
    done = client.upgraded(source, "4k").json["data"]
    record = client.record(done["taskId"]).json["data"]
    assert done["taskId"] != source
    assert (record["successFlag"], "fallbackFlag" in record) == (1, False)
    assert record["response"]["resultUrls"] == done["resultUrls"]
    assert len(record["response"]["mediaIds"]) == 1


def test_the_4k_task_can_have_the_id_of_its_source(client: Client) -> None:
    source = client.finished("A lake [[4k-same-id]]")
    assert client.upgraded(source, "4k").json["data"]["taskId"] == source
    assert client.record(source).json["data"]["response"]["resolution"] == "720p"


def test_the_record_of_the_source_stays_as_it_is(client: Client) -> None:
    source = client.finished()
    before = client.record(source).json["data"]
    client.upgraded(source, "1080p")
    assert client.record(source).json["data"] == before


def test_4k_calls_back_with_its_charge(client: Client) -> None:
    with Inbox() as inbox:
        task_id = client.get_4k(client.finished(), callBackUrl=inbox.url).json["data"]["taskId"]
        body = inbox.wait()[0].json
    assert (body["code"], body["msg"]) == (200, "4K Video generated successfully.")
    assert (body["data"]["taskId"], body["data"]["creditsConsumed"]) == (task_id, 120)
    assert set(body["data"]["info"]) == {"resultUrls", "imageUrls"}


def test_a_failed_4k_calls_back_too(client: Client) -> None:
    with Inbox() as inbox:
        source = client.finished("A lake [[4k-fail]]")
        client.get_4k(source, callBackUrl=inbox.url)
        body = inbox.wait()[0].json
    assert body["code"] == 500
    assert body["msg"].startswith("The 4K version of this video is unavailable.")
    assert set(body["data"]) == {"taskId"}


def test_the_callback_can_be_flat(client: Client) -> None:
    with Inbox() as inbox:
        source = client.finished("A lake [[4k-flat-callback]]")
        task_id = client.get_4k(source, callBackUrl=inbox.url).json["data"]["taskId"]
        data = inbox.wait()[0].json["data"]
    assert set(data) == {"task_id", "result_urls", "media_ids", "image_urls"}
    assert data["task_id"] == task_id


@BOTH
def test_a_failure_is_told_and_given_back(client: Client, kind: str) -> None:
    source = client.finished(f"A lake [[{kind}-fail]]")
    before = client.credit()
    answer = client.upgraded(source, kind).json
    assert (answer["code"], "is unavailable" in answer["msg"]) == (500, True)
    assert client.credit() == before


@BOTH
def test_links_can_be_renewed(client: Client, kind: str) -> None:
    source = client.finished(f"A lake [[{kind}-expired-file]]")
    url = link(client.upgraded(source, kind).json)
    assert client.fetch(url).status == 404
    assert client.fetch(client.renewed(url)).status == 200


@BOTH
@pytest.mark.parametrize(
    ("tag", "words"),
    [("fail", "record status is not success."), ("old", "14 days"), ("fallback", "fallback")],
)
def test_some_videos_are_not_upgraded(client: Client, kind: str, tag: str, words: str) -> None:
    answer = ask(client, client.finished(f"A lake [[{tag}]]"), kind)
    assert (answer["code"], answer["data"]) == (422, None)
    assert words in answer["msg"]


def test_a_video_is_made_larger_only(client: Client) -> None:
    source = client.finished(resolution="1080p")
    assert "already" in client.get_1080p(source).json["msg"]
    assert client.get_4k(source).json["code"] == 200


@BOTH
def test_only_generated_videos_of_this_account_are_upgraded(
    start: Callable[..., Client], kind: str
) -> None:
    mine = start(kie_keys=("mine", "yours"))
    mine.kie_key = "mine"
    source = mine.finished()
    longer = mine.extended(source)
    mine.wait(longer)
    for client, task_id in ((Client(mine.server, "yours"), source), (mine, "x"), (mine, longer)):
        assert ask(client, task_id, kind)["msg"] == "record is null."


def test_a_fallback_video_is_small_and_says_so(client: Client) -> None:
    record = client.ended(client.made("A lake [[fallback]]", resolution="1080p"))
    assert (record["fallbackFlag"], record["response"]["resolution"]) == (True, "720p")


def test_a_wrong_field_is_refused(client: Client) -> None:
    source = client.finished()
    assert client.get_1080p(source, index="1").json["code"] == 422
    assert client.get_1080p("").json["code"] == 422
    wrong: list[dict[str, Any]] = [{"index": 1}, {"prompt": "x"}, {"callBackUrl": "hook"}]
    assert {client.get_4k(source, **fields).json["code"] for fields in wrong} == {422}
    assert [task for task in client.server.tasks if task.source and task.source.id == source] == []


def test_an_upgrade_that_cannot_be_paid_is_refused(start: Callable[..., Client]) -> None:
    poor = start(balance=Decimal(160))
    source = poor.finished()
    assert poor.get_4k(source).json["code"] == 402
    assert poor.get_1080p(source).json["code"] == 400
    assert poor.credit() == 95


def test_only_the_first_question_counts_as_a_creation(start: Callable[..., Client]) -> None:
    client = start(rate_limit=3)
    source = client.finished()
    assert [client.get_1080p(source).status for _ in range(5)] == [200] * 5
    assert client.get_4k(source).status == 200
    account = client.server.state["accounts"]["practice-kie-key"]
    assert (account["most_in_window"], account["creations_limited"]) == (3, 0)
    assert client.generate().status == 429
