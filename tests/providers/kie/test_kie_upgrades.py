"""kie.ai's 1080P and 4K: orders whose good and bad news arrive as the same error codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from jobs.providers.base import Kind, Result, Snapshot, State, VideoRequest, Work
from jobs.providers.errors import (
    BadRequest,
    KeyRejected,
    Maintenance,
    NotAccepted,
    OutcomeUnknown,
    OutOfProviderCredits,
    ProviderError,
    RateLimited,
    Refused,
)
from jobs.providers.kie.client import Kie
from tests.support.answers.dialects import FILM, FULL_HD, KEY, POSTER, SOURCE, TASK, UHD
from tests.support.fakes import Wire

Example = Callable[[str], Any]

WORK_1080P = Work(SOURCE, Kind.UPGRADE_1080P, SOURCE)
WORK_4K = Work(SOURCE, Kind.UPGRADE_4K, SOURCE)
"""As after a lost answer: without an id of its own."""
OWN_4K = Work(TASK, Kind.UPGRADE_4K, SOURCE)
PROCESSING_1080P = (
    "1080P is processing. It should be ready in 1-2 minutes. Please check back shortly."
)
PROCESSING_4K = "4k is processing. It should be ready in 5-10 minutes. Please check back shortly."
NO_4K = "The 4K version of this video is unavailable. Please try a different video."
BOTH = pytest.mark.parametrize("order", [FULL_HD, UHD], ids=lambda order: order.kind)
BOTH_WORKS = pytest.mark.parametrize("work", [WORK_1080P, WORK_4K], ids=lambda work: work.kind)


def envelope(code: object, msg: str = "?", data: object = None) -> dict[str, Any]:
    return {"code": code, "msg": msg, "data": data}


def told(kie: Kie, wire: Wire, work: Work, body: object) -> Snapshot:
    wire.answer(json=body)
    return kie.fetch(KEY, work)


# ── The first call ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "msg"),
    [
        (400, PROCESSING_1080P),
        (422, "Records are being generated, please try again later."),
        (500, "Server Error"),
        (400, "not yet"),
        (422, "record result data is blank."),
        (408, "?"),
        (501, "?"),
    ],
)
def test_1080p_that_is_not_ready_is_under_way(kie: Kie, wire: Wire, code: int, msg: str) -> None:
    wire.answer(json=envelope(code, msg))
    assert kie.submit(KEY, FULL_HD).external_id == SOURCE


def test_1080p_goes_by_its_sources_id_whatever_else_is_named(kie: Kie, wire: Wire) -> None:
    wire.answer(json=envelope(200, "success", {"taskId": TASK, "resultUrl": FILM}))
    assert kie.submit(KEY, FULL_HD).external_id == SOURCE


def test_1080p_without_a_link_or_an_error_is_unknown(kie: Kie, wire: Wire) -> None:
    wire.answer(json=envelope(200, "success", {"taskId": SOURCE, "resultUrls": None}))
    with pytest.raises(OutcomeUnknown):
        kie.submit(KEY, FULL_HD)


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("get-4k-200-accepted", "veo_task_abcdef123456"),
        ("get-4k-422-processing", "veo_task_example123"),
        ("get-4k-422-already-generated", "veo_task_example123"),
    ],
)
def test_4k_is_accepted_in_every_documented_way(
    kie: Kie, wire: Wire, example: Example, name: str, task: str
) -> None:
    wire.answer(json=example(name))
    assert kie.submit(KEY, UHD).external_id == task


@pytest.mark.parametrize(
    "data",
    [
        {"taskId": SOURCE, "resultUrls": None},
        {"taskId": None, "resultUrls": None},
        {"taskId": "../x"},
        {"result_urls": [FILM]},
        json.dumps({"task_id": SOURCE}),
    ],
    ids=str,
)
def test_4k_without_an_id_of_its_own_goes_by_its_sources(
    kie: Kie, wire: Wire, data: object
) -> None:
    wire.answer(json=envelope(200, "success", data))
    assert kie.submit(KEY, UHD).external_id == SOURCE


REFUSALS: list[tuple[dict[str, Any], type[ProviderError], str]] = [
    (envelope(401), KeyRejected, "API keys page"),
    (envelope(433), KeyRejected, "a limit"),
    (envelope(402), OutOfProviderCredits, "run out of credits"),
    (envelope(404), Refused, "doesn’t have the video"),
    (envelope(429), RateLimited, "slow down"),
    (envelope(430), RateLimited, "slow down"),
    (envelope(455), Maintenance, "maintenance"),
    (envelope(505), BadRequest, "turned this feature off"),
    (
        envelope(422, "record status is not success."),
        Refused,
        "upgrades only videos that succeeded",
    ),
    (envelope(422, "record is null."), Refused, "doesn’t have the video"),
    (envelope(422, "Temporarily supports records within 14 days."), Refused, "14 days"),
    (envelope(422, "Fallback videos are not supported"), Refused, "fallback model"),
    (envelope(400, "made through fallback mode"), Refused, "fallback model"),
]


@BOTH
@pytest.mark.parametrize(("body", "error", "words"), REFUSALS, ids=str)
def test_an_upgrade_is_refused_only_beyond_doubt(
    kie: Kie,
    wire: Wire,
    order: VideoRequest,
    body: dict[str, Any],
    error: type[ProviderError],
    words: str,
) -> None:
    wire.answer(json=body)
    with pytest.raises(error) as caught:
        kie.submit(KEY, order)
    assert type(caught.value) is error
    assert words in caught.value.user_message
    assert "Nothing was charged." in caught.value.user_message
    assert len(wire.requests) == 1


def test_a_refusal_of_4k_may_repeat_the_source_but_no_other_id(kie: Kie, wire: Wire) -> None:
    no = "record status is not success."
    wire.answer(json=envelope(422, no, {"taskId": SOURCE, "resultUrls": None}))
    with pytest.raises(Refused):
        kie.submit(KEY, UHD)
    wire.answer(json=envelope(422, no, {"taskId": TASK, "resultUrls": None}))
    with pytest.raises(OutcomeUnknown):
        kie.submit(KEY, UHD)


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        {},
        envelope(None),
        envelope(777, "record status is not success."),
        envelope(200),
        envelope(200, data={}),
        envelope(501, data={"resultUrls": [FILM], "resultUrl": FILM}),
    ],
    ids=str,
)
def test_an_upgrade_that_is_answered_otherwise_is_unknown(
    kie: Kie, wire: Wire, order: VideoRequest, body: dict[str, Any]
) -> None:
    wire.answer(json=body)
    with pytest.raises(OutcomeUnknown):
        kie.submit(KEY, order)


@pytest.mark.parametrize("code", [400, 422])
def test_4k_is_refused_by_an_error_that_names_no_order(kie: Kie, wire: Wire, code: int) -> None:
    """All answers about an order that stands name its task: accepted, processing and done."""
    wire.answer(json=envelope(code, "something new"))
    with pytest.raises(Refused) as refused:
        kie.submit(KEY, UHD)
    assert "something new" in refused.value.user_message


@pytest.mark.parametrize("code", [400, 422])
def test_4k_is_not_refused_by_an_error_that_names_an_order(kie: Kie, wire: Wire, code: int) -> None:
    wire.answer(json=envelope(code, "something new", {"taskId": "another"}))
    with pytest.raises(OutcomeUnknown):
        kie.submit(KEY, UHD)


@pytest.mark.parametrize(("code", "msg"), [(500, NO_4K), (501, "?")])
def test_4k_is_not_refused_in_undocumented_words(kie: Kie, wire: Wire, code: int, msg: str) -> None:
    wire.answer(json=envelope(code, msg))
    with pytest.raises(OutcomeUnknown):
        kie.submit(KEY, UHD)


# ── 1080P, asked for again ───────────────────────────────────────────────────────────────────────


def test_finished_1080p_gives_its_film(kie: Kie, wire: Wire, example: Example) -> None:
    found = told(kie, wire, WORK_1080P, example("get-1080p-200"))
    url = example("get-1080p-200")["data"]["resultUrl"]
    assert (found.state, found.results) == (State.SUCCEEDED, (Result(url, "1080p"),))
    assert wire.requests[0].method == "GET"
    assert wire.requests[0].query == {"taskId": SOURCE, "index": "0"}


@pytest.mark.parametrize(
    "data",
    [{"result_url": FILM}, {"resultUrls": [FILM]}, json.dumps({"resultUrl": FILM})],
    ids=str,
)
def test_the_link_of_1080p_is_found_in_other_spellings(kie: Kie, wire: Wire, data: object) -> None:
    assert told(kie, wire, WORK_1080P, envelope(200, data=data)).results[0].url == FILM


@pytest.mark.parametrize(
    ("code", "msg"),
    [
        (400, PROCESSING_1080P),
        (422, "Records are being generated"),
        (500, "Server Error"),
        (422, "record result data is blank."),
        (422, "something new"),
        (400, "something new"),
        (408, "?"),
        (451, "?"),
        (505, "?"),
    ],
)
def test_1080p_that_is_not_ready_goes_on(kie: Kie, wire: Wire, code: int, msg: str) -> None:
    assert told(kie, wire, WORK_1080P, envelope(code, msg)).state is State.RUNNING


def test_work_whose_source_is_not_told_goes_by_its_own_id(kie: Kie, wire: Wire) -> None:
    wire.answer(json=envelope(200, data={"resultUrl": FILM}))
    kie.fetch(KEY, Work(SOURCE, Kind.UPGRADE_1080P))
    assert wire.requests[0].query["taskId"] == SOURCE


# ── 4K, asked for again ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("get-4k-200-accepted", State.RUNNING),
        ("get-4k-422-processing", State.RUNNING),
        ("get-4k-422-already-generated", State.SUCCEEDED),
    ],
)
def test_4k_is_waited_for_by_ordering_it_again(
    kie: Kie, wire: Wire, example: Example, name: str, state: State
) -> None:
    assert told(kie, wire, WORK_4K, example(name)).state is state
    assert [seen.path for seen in wire.requests] == ["/api/v1/veo/get-4k-video"]
    assert wire.requests[0].json == {"taskId": SOURCE, "index": 0}


def test_4k_that_is_done_comes_as_an_error_and_gives_the_film(
    kie: Kie, wire: Wire, example: Example
) -> None:
    found = told(kie, wire, WORK_4K, example("get-4k-422-already-generated"))
    film = "https://tempfile.aiquickdraw.com/v/example_task_1234567890"
    assert found.results == (Result(film + ".mp4", "4k"),)


@pytest.mark.parametrize(
    "data",
    [
        {"resultUrls": [FILM], "imageUrls": [POSTER]},
        {"result_urls": json.dumps([FILM]), "image_urls": [POSTER], "media_ids": ["m"]},
        {"info": {"resultUrls": [FILM], "imageUrls": [POSTER]}, "creditsConsumed": 120},
        json.dumps({"resultUrls": f"[{FILM}]", "imageUrls": POSTER}),
    ],
    ids=str,
)
def test_the_links_of_4k_are_found_in_other_spellings(kie: Kie, wire: Wire, data: Any) -> None:
    found = told(kie, wire, WORK_4K, envelope(200, data=data))
    assert (found.state, found.results) == (State.SUCCEEDED, (Result(FILM, "4k"),))
    assert found.provider_credits == (Decimal(120) if "creditsConsumed" in data else None)


def record(flag: object, **more: object) -> dict[str, Any]:
    return envelope(200, data={"taskId": TASK, "successFlag": flag, **more})


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (record(0, response=None), State.RUNNING),
        (record(1, response={"resultUrls": [FILM]}, mediaIds=["m"]), State.SUCCEEDED),
        (record(2, errorMessage="no"), State.FAILED),
        (record(3, errorMessage="no"), State.FAILED),
    ],
)
def test_the_record_of_4k_with_an_id_of_its_own_is_enough(
    kie: Kie, wire: Wire, body: dict[str, Any], state: State
) -> None:
    found = told(kie, wire, OWN_4K, body)
    assert found.state is state
    assert all(result == Result(FILM, "4k") for result in found.results)
    assert [seen.path for seen in wire.requests] == ["/api/v1/veo/record-info"]
    assert wire.requests[0].query == {"taskId": TASK}


@pytest.mark.parametrize(
    "body",
    [
        record(7),
        record(1, response=None),
        envelope(200),
        envelope(404),
        envelope(422, "record is null"),
        envelope(501, "?"),
        envelope(500, "?"),
        envelope(200, data={"taskId": "other", "successFlag": 3}),
    ],
    ids=str,
)
def test_a_record_of_4k_that_settles_nothing_leads_to_ordering_again(
    kie: Kie, wire: Wire, example: Example, body: dict[str, Any]
) -> None:
    wire.answer(json=body, path="record-info")
    wire.answer(json=example("get-4k-422-processing"), path="get-4k")
    assert kie.fetch(KEY, OWN_4K).state is State.RUNNING
    assert wire.requests[1].json == {"taskId": SOURCE, "index": 0}


@pytest.mark.parametrize("code", [400, 500])
def test_an_order_of_4k_that_names_itself_in_an_error_is_asked_about(
    kie: Kie, wire: Wire, code: int
) -> None:
    wire.answer(json=envelope(code, "?", {"taskId": TASK, "resultUrls": None}))
    wire.answer(json=record(3, errorMessage="too dark"))
    found = kie.fetch(KEY, WORK_4K)
    assert (found.state, found.error) == (State.FAILED, "too dark")
    assert wire.requests[1].query == {"taskId": TASK}


def test_an_order_of_4k_whose_error_and_record_say_nothing_goes_on(kie: Kie, wire: Wire) -> None:
    wire.answer(json=envelope(400, "?", {"taskId": TASK}))
    wire.answer(json=envelope(200))
    assert kie.fetch(KEY, WORK_4K).state is State.UNCLEAR


@pytest.mark.parametrize(("code", "error"), [(401, KeyRejected), (430, RateLimited)])
def test_a_record_of_4k_that_is_withheld_orders_nothing(
    kie: Kie, wire: Wire, code: int, error: type[ProviderError]
) -> None:
    wire.answer(json=envelope(code))
    with pytest.raises(error):
        kie.fetch(KEY, OWN_4K)
    assert wire.posts == []


def test_a_record_of_4k_that_cannot_be_read_orders_nothing(kie: Kie, wire: Wire) -> None:
    wire.answer(503, body=b"busy", always=True)
    with pytest.raises(NotAccepted):
        kie.fetch(KEY, OWN_4K)
    assert wire.posts == []


# ── Either, asked for again ──────────────────────────────────────────────────────────────────────


@BOTH_WORKS
@pytest.mark.parametrize(
    ("code", "msg", "state"),
    [
        (404, "not found", State.MISSING),
        (422, "record is null", State.MISSING),
        (422, "The record does not exist", State.MISSING),
        (422, "record is null. Temporarily supports records within 14 days.", State.MISSING),
        (422, "Temporarily supports records within 14 days.", State.FAILED),
        (422, "record status is not success.", State.FAILED),
        (422, "not for fallback videos", State.FAILED),
        (501, "generation failed", State.FAILED),
        (402, "The current credits are insufficient. Please top up.", State.FAILED),
        (422, "Records are being generated, record status is not success.", State.RUNNING),
        (422, "The video has been generated successfully", State.UNCLEAR),
        (777, "record status is not success.", State.UNCLEAR),
        (None, "record status is not success.", State.UNCLEAR),
        (200, "success", State.UNCLEAR),
    ],
)
def test_only_documented_words_end_an_upgrade(
    kie: Kie, wire: Wire, work: Work, code: object, msg: str, state: State
) -> None:
    assert told(kie, wire, work, envelope(code, msg)).state is state


@pytest.mark.parametrize(
    ("code", "msg", "state"),
    [
        (451, "no image", State.FAILED),
        (422, "something new", State.FAILED),
        (400, "something new", State.FAILED),
    ],
)
def test_of_4k_other_codes_mean_what_they_say(
    kie: Kie, wire: Wire, code: int, msg: str, state: State
) -> None:
    assert told(kie, wire, WORK_4K, envelope(code, msg)).state is state


def test_4k_that_cannot_be_made_is_said_in_the_words_of_its_callback(
    kie: Kie, wire: Wire, example: Example
) -> None:
    body = example("callback-4k-failure-500")
    assert body["msg"] == NO_4K
    found = told(kie, wire, WORK_4K, envelope(500, body["msg"]))
    assert found.state is State.FAILED
    assert found.error == f"kie.ai has no 4K version of this video. It said: “{NO_4K}”"


@pytest.mark.parametrize("code", [408, 500, 505])
def test_4k_that_cannot_be_answered_now_is_asked_for_later(kie: Kie, wire: Wire, code: int) -> None:
    with pytest.raises(NotAccepted):
        told(kie, wire, WORK_4K, envelope(code))


@BOTH_WORKS
def test_an_empty_account_ends_an_upgrade_by_its_name(kie: Kie, wire: Wire, work: Work) -> None:
    found = told(kie, wire, work, envelope(402, "The current credits are insufficient."))
    assert (found.state, found.error_code) == (State.FAILED, "out-of-provider-credits")
    assert "Top it up" in found.error


@BOTH_WORKS
@pytest.mark.parametrize(
    ("code", "error"),
    [
        (401, KeyRejected),
        (433, KeyRejected),
        (429, RateLimited),
        (430, RateLimited),
        (455, Maintenance),
    ],
)
def test_an_upgrade_that_is_stopped_at_the_door_goes_on_later(
    kie: Kie, wire: Wire, work: Work, code: int, error: type[ProviderError]
) -> None:
    with pytest.raises(error) as caught:
        told(kie, wire, work, envelope(code))
    assert type(caught.value) is error


@BOTH_WORKS
def test_links_in_an_error_that_never_has_any_are_not_believed(
    kie: Kie, wire: Wire, work: Work
) -> None:
    data = {"resultUrl": FILM, "resultUrls": [FILM]}
    for code in (501, 777, None, 401):
        assert told(kie, wire, work, envelope(code, data=data)).state is State.UNCLEAR


@BOTH_WORKS
@pytest.mark.parametrize("status", [500, 502, 503, 307, 404])
def test_an_upgrade_is_ordered_once_in_one_question(
    kie: Kie, wire: Wire, work: Work, status: int
) -> None:
    wire.answer(status, body=b"<html>")
    with pytest.raises(NotAccepted):
        kie.fetch(KEY, work)
    assert len(wire.requests) == 1
