"""record-info of kie.ai: every flag, code and spelling that was documented or seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from jobs.providers.base import Echo, Kind, Part, Result, Snapshot, State, Work
from jobs.providers.errors import KeyRejected, Maintenance, NotAccepted, RateLimited
from jobs.providers.kie.client import Kie
from tests.support.answers.dialects import FILM, KEY, TASK
from tests.support.fakes import Wire

Example = Callable[[str], Any]


def ask(kie: Kie, wire: Wire, code: object = 200, msg: object = "no", **data: object) -> Snapshot:
    """What the client makes of a record-info answer with these fields in its data."""
    wire.answer(json={"code": code, "msg": msg, "data": {"taskId": TASK, **data} if data else None})
    return kie.fetch(KEY, Work(TASK))


def test_the_documented_success_gives_the_film_and_not_the_stitched_one(
    kie: Kie, wire: Wire, example: Example
) -> None:
    wire.answer(json=example("record-info-success-2026"))
    found = kie.fetch(KEY, Work(TASK))
    assert found.results == (Result("http://example.com/video1.mp4", "1080p"),)
    assert found.echo == Echo(prompt="A futuristic city with flying cars at sunset.")
    assert wire.requests[0].path == example("openapi/record-info")["path"]
    assert wire.requests[0].query == {"taskId": TASK}


def test_the_recorded_failure_is_read(kie: Kie, wire: Wire, example: Example) -> None:
    exchanges = example("sibling-aleph-generate-then-upstream-failure")["exchanges"]
    task = exchanges[0]["response"]["body"]["data"]["taskId"]
    for exchange in exchanges[1:]:
        wire.answer(json=exchange["response"]["body"])
    assert kie.fetch(KEY, Work(task)).state is State.RUNNING
    failed = kie.fetch(KEY, Work(task))
    assert (failed.state, failed.error_code) == (State.FAILED, "500")
    assert failed.error == "internal error, please try again later."


@pytest.mark.parametrize(
    "name",
    ["sibling-aleph-record-info-unknown-task", "sibling-flux-kontext-record-info-unknown-task"],
)
def test_the_recorded_unknown_tasks_are_missing(
    kie: Kie, wire: Wire, answered: Example, name: str
) -> None:
    wire.answer(json=answered(name))
    assert kie.fetch(KEY, Work(TASK)).state is State.MISSING


@pytest.mark.parametrize(
    ("flag", "state"),
    [
        (0, State.RUNNING),
        ("0", State.RUNNING),
        (2, State.FAILED),
        (3, State.FAILED),
        ("3", State.FAILED),
        (7, State.UNCLEAR),
        (-1, State.UNCLEAR),
        ("unknown", State.UNCLEAR),
        (None, State.UNCLEAR),
        (True, State.UNCLEAR),
        (1.5, State.UNCLEAR),
        ([1], State.UNCLEAR),
    ],
)
def test_only_documented_flags_mean_anything(
    kie: Kie, wire: Wire, flag: object, state: State
) -> None:
    assert ask(kie, wire, successFlag=flag, response={"resultUrls": [FILM]}).state is state


def test_a_record_without_a_flag_is_unclear(kie: Kie, wire: Wire) -> None:
    assert ask(kie, wire, response={"resultUrls": [FILM]}).state is State.UNCLEAR


@pytest.mark.parametrize(
    "data",
    [
        {"response": {"resultUrls": [FILM]}},
        {"response": {"result_urls": [FILM]}},
        {"response": {"resultUrls": json.dumps([FILM])}},
        {"response": {"resultUrls": FILM}},
        {"response": {"resultUrls": json.dumps(FILM)}},
        {"response": {"resultUrls": f"[{FILM}]"}},
        {"response": {"resultUrls": f"['{FILM}', 'https:///x']"}},
        {"response": json.dumps({"resultUrls": [FILM]})},
        {"resultUrls": json.dumps([FILM]), "response": None},
        {"info": {"resultUrls": [FILM]}},
        {"response": {"resultUrls": [None, "ftp://x/y", FILM, FILM]}},
    ],
    ids=str,
)
def test_links_are_found_in_every_known_spelling(
    kie: Kie, wire: Wire, data: dict[str, object]
) -> None:
    found = ask(kie, wire, successFlag=1, **data)
    assert (found.state, [result.url for result in found.results]) == (State.SUCCEEDED, [FILM])


def test_of_several_links_the_first_is_the_film(kie: Kie, wire: Wire) -> None:
    bare = "[https://a.example/1,2.mp4, https://b.example/2.mp4]"
    found = ask(kie, wire, successFlag=1, response={"resultUrls": bare})
    assert found.results == (Result("https://a.example/1,2.mp4", ""),)


def test_the_uncropped_original_is_not_the_film(kie: Kie, wire: Wire) -> None:
    response = {"originUrls": ["https://a.example/o.mp4"], "resultUrls": [FILM]}
    assert ask(kie, wire, successFlag=1, response=response).results == (Result(FILM, ""),)
    only = {"originUrls": ["https://a.example/o.mp4"]}
    assert ask(kie, wire, successFlag=1, response=only).state is State.UNCLEAR


@pytest.mark.parametrize("told", ["1080p", "4K", "8k", None, 7])
def test_only_known_resolutions_are_taken_over(kie: Kie, wire: Wire, told: object) -> None:
    found = ask(kie, wire, successFlag=1, response={"resultUrls": [FILM], "resolution": told})
    assert found.results[0].resolution in ("1080p", "4k", "")


@pytest.mark.parametrize(
    ("params", "echo"),
    [
        (
            {"prompt": "P", "seeds": 23456, "callBackUrl": "https://u.example", "model": "veo3"},
            Echo("P", 23456, "https://u.example", "veo3"),
        ),
        ('{"prompt":"P","seeds":"23456"}', Echo("P", 23456)),
        ("{prompt: broken", None),
        ('{"waterMark":"KieAI"}', None),
        ([], None),
        (None, None),
    ],
)
def test_our_request_is_recognised_where_it_is_repeated(
    kie: Kie, wire: Wire, params: object, echo: Echo | None
) -> None:
    assert ask(kie, wire, successFlag=0, paramJson=params).echo == echo
    assert ask(kie, wire, successFlag=0, promptJson=params).echo == echo


@pytest.mark.parametrize(
    ("code", "msg", "state"),
    [
        (404, "not found", State.MISSING),
        (422, "record is null", State.MISSING),
        (422, "The record does not exist", State.MISSING),
        (422, "Temporarily supports records within 14 days.", State.MISSING),
        (422, "record status is not success.", State.UNCLEAR),
        (422, "record result data is blank.", State.UNCLEAR),
        (422, "record result data not exist.", State.UNCLEAR),
        (422, "Your request was rejected by Flow(Your prompt was flagged).", State.FAILED),
        (400, "Your prompt was flagged by Website as violating content policies.", State.FAILED),
        (400, "Only English prompts are supported at this time.", State.FAILED),
        (400, "Failed to fetch the image. Kindly verify.", State.FAILED),
        (400, "public error unsafe image upload.", State.FAILED),
        (400, "something new", State.UNCLEAR),
        (402, "no credits", State.UNCLEAR),
        (408, "nothing from upstream", State.FAILED),
        (451, "image", State.FAILED),
        (501, "generation failed", State.FAILED),
        (777, "no such code", State.UNCLEAR),
        (None, "no code", State.UNCLEAR),
        ("x", "no number", State.UNCLEAR),
    ],
)
def test_a_code_ends_a_job_only_when_its_words_are_documented(
    kie: Kie, wire: Wire, code: object, msg: str, state: State
) -> None:
    found = ask(kie, wire, code=code, msg=msg)
    assert (found.state, found.error) == (state, msg)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (401, KeyRejected),
        (433, KeyRejected),
        (429, RateLimited),
        (430, RateLimited),
        (455, Maintenance),
        (500, NotAccepted),
        (505, NotAccepted),
    ],
)
def test_a_code_that_says_not_now_is_raised(
    kie: Kie, wire: Wire, code: int, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        ask(kie, wire, code=code)
    assert type(caught.value) is error


def test_a_flag_counts_for_more_than_a_code(kie: Kie, wire: Wire) -> None:
    data = {"successFlag": 1, "response": {"resultUrls": [FILM]}}
    assert ask(kie, wire, code=422, **data).state is State.SUCCEEDED
    assert ask(kie, wire, code=500, successFlag=3).state is State.FAILED


def test_a_failure_without_a_reason_says_that(kie: Kie, wire: Wire) -> None:
    assert ask(kie, wire, successFlag=2).error == "kie.ai gave no reason."


def test_fallback_and_charge_are_read_where_they_are_told(kie: Kie, wire: Wire) -> None:
    found = ask(kie, wire, successFlag=0, fallbackFlag=True, creditsConsumed=120)
    assert (found.fallback, found.provider_credits) == (True, Decimal(120))


def test_what_the_fallback_model_made_is_720p(kie: Kie, wire: Wire) -> None:
    response = {"resultUrls": [FILM], "resolution": "1080p"}
    found = ask(kie, wire, successFlag=1, fallbackFlag=True, response=response)
    assert found.results == (Result(FILM, "720p"),)


@pytest.mark.parametrize("moment", [1776487564100, "2025-06-06 10:30:00", "2025-06-06T10:30:00Z"])
def test_times_in_any_form_change_nothing(kie: Kie, wire: Wire, moment: object) -> None:
    found = ask(kie, wire, successFlag=0, createTime=moment, completeTime=moment)
    assert found == Snapshot(State.RUNNING)


# ── After an extension ───────────────────────────────────────────────────────────────────────────

LONGER = Work(TASK, Kind.EXTEND, "veo_task_of_the_original")
WHOLE = "https://files.example.com/whole.mp4"


def longer(kie: Kie, wire: Wire, **response: object) -> list[tuple[Part, str]]:
    data = {"taskId": TASK, "successFlag": 1, "response": response}
    wire.answer(json={"code": 200, "data": data})
    return [(result.part, result.url) for result in kie.fetch(KEY, LONGER).results]


@pytest.mark.parametrize(
    "more",
    [
        {"fullResultUrls": [WHOLE]},
        {"full_result_urls": [WHOLE]},
        {"fullResultUrls": json.dumps([WHOLE])},
        {"fullResultUrls": f"[{WHOLE}]"},
        {"fullResultUrls": [WHOLE, "https://files.example.com/other.mp4"]},
    ],
    ids=str,
)
def test_of_an_extension_the_stitched_film_comes_first_and_then_the_new_segment(
    kie: Kie, wire: Wire, more: dict[str, object]
) -> None:
    assert longer(kie, wire, resultUrls=[FILM], **more) == [
        (Part.FILM, WHOLE),
        (Part.SEGMENT, FILM),
    ]


def test_of_an_extension_the_segment_alone_is_called_so(kie: Kie, wire: Wire) -> None:
    assert longer(kie, wire, resultUrls=[FILM]) == [(Part.SEGMENT, FILM)]
    assert longer(kie, wire, resultUrls=[FILM], fullResultUrls=["ftp://x/y"]) == [
        (Part.SEGMENT, FILM)
    ]


def test_of_an_extension_the_stitched_film_alone_will_do(kie: Kie, wire: Wire) -> None:
    assert longer(kie, wire, fullResultUrls=[WHOLE]) == [(Part.FILM, WHOLE)]
    assert longer(kie, wire, fullResultUrls=[FILM], resultUrls=[FILM]) == [(Part.FILM, FILM)]


def test_the_documented_record_read_as_an_extension_gives_both_parts(
    kie: Kie, wire: Wire, example: Example
) -> None:
    wire.answer(json=example("record-info-success-2026"))
    assert kie.fetch(KEY, LONGER).results == (
        Result("http://example.com/full_result.mp4", "1080p"),
        Result("http://example.com/video1.mp4", "1080p", part=Part.SEGMENT),
    )


@pytest.mark.parametrize(
    ("theirs", "ours"), [("fast", "veo3_fast"), ("quality", "veo3"), ("lite", "veo3_lite")]
)
def test_the_models_of_an_extension_are_repeated_by_our_names(
    kie: Kie, wire: Wire, theirs: str, ours: str
) -> None:
    params = {"prompt": "P", "seeds": 23456, "model": theirs}
    assert ask(kie, wire, successFlag=0, paramJson=params).echo == Echo("P", 23456, model=ours)
