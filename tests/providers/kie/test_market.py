"""kie's unified API: what each of its models is sent, and what its records say."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from jobs.providers.base import Echo, Mode, Snapshot, State, VideoRequest, Work
from jobs.providers.kie.client import Kie
from jobs.providers.kie.market.models import MODELS
from tests.support.answers.dialects import CHANGED, FILM, KEY, OMNI, SEEDANCE, TASK
from tests.support.fakes import Wire

Example = Callable[[str], Any]
ACCEPTED = {"code": 200, "msg": "success", "data": {"taskId": TASK, "recordId": TASK}}
PICTURES = ("https://i.example/1.jpg", "https://i.example/2.jpg")
FLASH, VIDEO = "google/gemini-omni-flash-1-1", "gemini-omni-video"


def sent(kie: Kie, wire: Wire, of: VideoRequest = OMNI, **changes: Any) -> Any:
    """The body of the request that an order of an Omni film makes."""
    wire.answer(json=ACCEPTED)
    kie.submit(KEY, replace(of, **changes))
    assert wire.requests[0].path == "/api/v1/jobs/createTask"
    return wire.requests[0].json


def ask(kie: Kie, wire: Wire, code: int = 200, msg: str = "success", **data: object) -> Snapshot:
    """What the client makes of a recordInfo answer with these fields in its data."""
    wire.answer(json={"code": code, "msg": msg, "data": {"taskId": TASK, **data} if data else None})
    found = kie.fetch(KEY, Work(TASK, model=OMNI.model))
    assert wire.requests[0].path == "/api/v1/jobs/recordInfo"
    assert wire.requests[0].query == {"taskId": TASK}
    return found


def test_a_film_from_text_is_ordered_with_what_the_contract_names(kie: Kie, wire: Wire) -> None:
    assert sent(kie, wire, callback_url="https://us.example/w/") == {
        "model": FLASH,
        "callBackUrl": "https://us.example/w/",
        "input": {
            "prompt": OMNI.prompt,
            "aspect_ratio": "9:16",
            "resolution": "1080p",
            "duration": "6",
            "seed": 23456,
        },
    }


def test_a_model_without_a_seed_is_sent_none_and_its_length_as_a_number(
    kie: Kie, wire: Wire
) -> None:
    assert sent(kie, wire, **{name: getattr(SEEDANCE, name) for name in SEEDANCE.__slots__}) == {
        "model": "bytedance/seedance-2",
        "input": {
            "prompt": OMNI.prompt,
            "aspect_ratio": "21:9",
            "resolution": "1080p",
            "duration": 15,
            "generate_audio": True,
            "web_search": False,
        },
    }


def test_the_recorded_order_goes_by_the_names_that_ours_goes_by(
    kie: Kie, wire: Wire, example: Example
) -> None:
    recorded = example("market-createTask-recordInfo-video-success")["exchanges"][0]
    order: Any = {
        "model": SEEDANCE.model,
        "resolution": "480p",
        "aspect_ratio": "16:9",
        "duration": 4,
    }
    ours = sent(kie, wire, **order)["input"]
    theirs = recorded["request"]["body"]["input"]
    assert ours.keys() <= theirs.keys()
    assert {name: type(theirs[name]) for name in ours} == {
        name: type(value) for name, value in ours.items()
    }


def test_neither_translation_nor_a_watermark_is_asked_of_it(kie: Kie, wire: Wire) -> None:
    given = sent(kie, wire, translate=True, watermark="Us")["input"]
    assert not {"enableTranslation", "watermark"} & given.keys()


@pytest.mark.parametrize("number", [1, 2])
def test_frames_go_by_their_own_names(kie: Kie, wire: Wire, number: int) -> None:
    given = sent(kie, wire, mode=Mode.FRAMES, image_urls=PICTURES[:number])["input"]
    frames = [given.get("first_frame_url"), given.get("last_frame_url")]
    assert [frame for frame in frames if frame] == list(PICTURES[:number])
    assert "image_urls" not in given


@pytest.mark.parametrize("model", [FLASH, VIDEO])
def test_references_go_in_a_list(kie: Kie, wire: Wire, model: str) -> None:
    body = sent(kie, wire, model=model, mode=Mode.REFERENCES, image_urls=PICTURES)
    assert (body["model"], body["input"]["image_urls"]) == (model, list(PICTURES))
    assert "first_frame_url" not in body["input"]


@pytest.mark.parametrize("model", [FLASH, VIDEO])
def test_a_film_to_change_goes_with_its_span_and_without_a_length(
    kie: Kie, wire: Wire, model: str
) -> None:
    given = sent(kie, wire, CHANGED, model=model, image_urls=PICTURES)["input"]
    assert given["video_list"] == [{"url": CHANGED.film_url, "start": 2, "ends": 7}]
    assert given["image_urls"] == list(PICTURES)
    assert "duration" not in given


def test_a_film_is_changed_by_words_alone_as_well(kie: Kie, wire: Wire) -> None:
    assert "image_urls" not in sent(kie, wire, CHANGED, image_urls=())["input"]


@pytest.mark.parametrize(("size", "credits"), [("720p", 168), ("1080p", 168), ("4k", 252)])
def test_a_changed_film_costs_the_same_however_long_it_gets(size: str, credits: int) -> None:
    changing = [model for model in MODELS.values() if model.source_film]
    assert [model.published_price(size, 0) for model in changing] == [credits] * 2


def test_the_recorded_exchange_is_read(kie: Kie, wire: Wire, example: Example) -> None:
    exchanges = example("market-createTask-recordInfo-video-success")["exchanges"]
    accepted, waiting, done = (each["response"]["body"] for each in exchanges)
    order, work = OMNI, Work("49265b81be9607661c0246b892144776", model=OMNI.model)
    wire.answer(json=accepted)
    assert kie.submit(KEY, order).external_id == work.external_id
    wire.answer(json=waiting)
    first = kie.fetch(KEY, work)
    assert first.state is State.WAITING
    assert first.echo == Echo(
        prompt="A calm lake at dawn with mist rising over the water",
        model="bytedance/seedance-2",
        resolution="480p",
        duration=4,
    )
    wire.answer(json=done)
    last = kie.fetch(KEY, work)
    assert last.state is State.SUCCEEDED
    assert [result.url for result in last.results] == [
        "https://tempfile.aiquickdraw.com/seedance/1776487563148-mp9rqrqq9nt.mp4"
    ]
    # The record tells no charge: the quote holds.
    assert last.provider_credits is None


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("waiting", State.WAITING),
        ("queuing", State.WAITING),
        ("generating", State.RUNNING),
        ("fail", State.FAILED),
        ("archived", State.RUNNING),
        ("", State.UNCLEAR),
        (None, State.UNCLEAR),
        (3, State.UNCLEAR),
    ],
)
def test_a_state_is_a_word_and_one_nobody_knows_goes_on(
    kie: Kie, wire: Wire, word: object, state: State
) -> None:
    assert ask(kie, wire, state=word).state is state


@pytest.mark.parametrize(
    "told",
    [
        json.dumps({"resultUrls": [FILM]}),
        json.dumps({"resultUrls": FILM}),
        json.dumps([FILM]),
        {"resultUrls": [FILM]},
    ],
)
def test_the_film_is_found_in_the_text_of_a_record(kie: Kie, wire: Wire, told: object) -> None:
    found = ask(kie, wire, state="success", resultJson=told)
    assert (found.state, [each.url for each in found.results]) == (State.SUCCEEDED, [FILM])


def test_the_charge_of_a_record_is_read_to_its_decimals(kie: Kie, wire: Wire) -> None:
    told = json.dumps({"resultUrls": [FILM]})
    found = ask(kie, wire, state="success", resultJson=told, creditsConsumed="83.5")
    assert found.provider_credits == Decimal("83.5")


def test_prompt_seed_model_and_address_of_the_order_are_read_out_of_two_texts(
    kie: Kie, wire: Wire
) -> None:
    given = json.dumps({"prompt": "Mist", "seed": 7, "duration": "6"})
    param = json.dumps({"input": given, "model": FLASH, "callBackUrl": "https://us.example/w/"})
    found = ask(kie, wire, state="waiting", param=param)
    assert found.echo == Echo("Mist", 7, "https://us.example/w/", FLASH, duration=6)


@pytest.mark.parametrize("param", [None, "", "{", "[]", '{"input": "{"}', 7])
def test_what_repeats_nothing_proves_nothing(kie: Kie, wire: Wire, param: object) -> None:
    assert ask(kie, wire, state="waiting", param=param).echo is None


def test_a_failure_gives_its_code_and_reason(kie: Kie, wire: Wire) -> None:
    found = ask(kie, wire, 501, "failed", state="fail", failCode=501, failMsg="Unsafe content")
    assert (found.state, found.error_code, found.error) == (State.FAILED, "501", "Unsafe content")


@pytest.mark.parametrize(
    "answer",
    [
        {"code": 422, "msg": "recordInfo is null", "data": None},
        {"code": 200, "msg": "success", "data": None},
    ],
)
def test_work_that_nobody_knows_is_missing(kie: Kie, wire: Wire, answer: dict[str, object]) -> None:
    wire.answer(json=answer)
    assert kie.fetch(KEY, Work(TASK, model=OMNI.model)).state is State.MISSING


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_every_model_says_what_its_inputs_are_called(model: Any) -> None:
    assert len(model.spelling.frames) >= model.images.get(Mode.FRAMES, 0)
    assert model.spelling.references or Mode.REFERENCES not in model.images
    assert set(model.images) == set(model.modes) - {Mode.TEXT}
    assert model.spelling.films or Mode.VIDEO not in model.images
    assert (model.source_film is None) == (Mode.VIDEO not in model.modes)
