"""kie.ai in particular: what is sent, and what comes back but for records."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from jobs.providers.base import Mode
from jobs.providers.errors import KeyRejected, NotAccepted, OutcomeUnknown, Refused
from jobs.providers.kie.client import Kie
from jobs.providers.kie.models import AUTO, MODELS
from tests.support.answers.dialects import FILM, KEY, REQUEST, TASK
from tests.support.fakes import Wire

Example = Callable[[str], Any]


# ── Submitting ───────────────────────────────────────────────────────────────────────────────────


def test_a_request_sends_every_documented_field_and_no_other(
    kie: Kie, wire: Wire, example: Example
) -> None:
    wire.answer(json=example("generate-200"))
    kie.submit(KEY, REQUEST)
    assert (wire.requests[0].method, wire.requests[0].path) == ("POST", "/api/v1/veo/generate")
    assert wire.requests[0].json == {
        "prompt": "A lighthouse in the rain",
        "model": "veo3_fast",
        "generationType": "TEXT_2_VIDEO",
        "aspect_ratio": "9:16",
        "resolution": "1080p",
        "duration": 8,
        "seeds": 23456,
        "enableTranslation": True,
    }


def test_watermark_and_callback_are_sent_when_they_are_set(kie: Kie, wire: Wire) -> None:
    wire.answer(json={"code": 200, "data": {"taskId": TASK}})
    wanted = dataclasses.replace(
        REQUEST, watermark="Us", callback_url="https://us.example/w/", translate=False
    )
    kie.submit(KEY, wanted)
    sent = wire.requests[0].json
    assert (sent["watermark"], sent["callBackUrl"]) == ("Us", "https://us.example/w/")
    assert sent["enableTranslation"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"code": "200", "message": "ok", "data": {"task_id": TASK}},
        {"code": 200.0, "data": json.dumps({"taskId": TASK})},
    ],
)
def test_other_spellings_of_an_acceptance_are_understood(
    kie: Kie, wire: Wire, body: dict[str, Any]
) -> None:
    wire.answer(json=body)
    assert kie.submit(KEY, REQUEST).external_id == TASK


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": True},
        {"code": None},
        {"code": []},
        {"code": "soon"},
        {"data": {"taskId": TASK}},
    ],
)
def test_an_answer_without_a_code_leaves_the_outcome_unknown(
    kie: Kie, wire: Wire, body: dict[str, Any]
) -> None:
    wire.answer(json=body)
    with pytest.raises(OutcomeUnknown):
        kie.submit(KEY, REQUEST)


def test_images_that_cannot_be_fetched_are_accepted_at_first(
    kie: Kie, wire: Wire, answered: Example
) -> None:
    wire.answer(json=answered("sibling-aleph-generate-unreachable-media-still-200"))
    assert kie.submit(KEY, REQUEST).external_id == "7bf0274cd0c4581e1583cf46efae930a"


def test_the_documented_401_rejects_the_key(kie: Kie, wire: Wire, example: Example) -> None:
    wire.answer(json=example("error-401-getting-started"))
    with pytest.raises(KeyRejected, match="You do not have access permissions"):
        kie.submit(KEY, REQUEST)


def test_a_limit_on_the_key_says_where_to_raise_it(kie: Kie, wire: Wire) -> None:
    wire.answer(json={"code": 433, "msg": "daily limit"})
    with pytest.raises(KeyRejected) as caught:
        kie.submit(KEY, REQUEST)
    assert "hourly, daily or total cap" in caught.value.user_message
    assert "Nothing was charged." in caught.value.user_message


# ── Credits, links, models ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "figure"),
    [("credit-200", "100"), ("credit-200-a", "5916.25"), ("credit-200-b", "5454.65")],
)
def test_the_balance_is_exact(
    kie: Kie, wire: Wire, answered: Example, name: str, figure: str
) -> None:
    wire.answer(json=answered(name))
    assert kie.balance(KEY) == Decimal(figure)


@pytest.mark.parametrize("figure", [None, "many", [], True, 1e300])
def test_a_balance_that_is_no_figure_is_none(kie: Kie, wire: Wire, figure: object) -> None:
    wire.answer(json={"code": 200, "data": figure})
    assert kie.balance(KEY) is None


def test_a_balance_that_is_refused_is_asked_for_later(kie: Kie, wire: Wire) -> None:
    wire.answer(json={"code": 402, "msg": "?"})
    with pytest.raises(NotAccepted):
        kie.balance(KEY)


def test_a_fresh_link_is_asked_for_and_read(kie: Kie, wire: Wire, example: Example) -> None:
    wire.answer(json=example("download-url-200"))
    assert kie.fresh_url(KEY, FILM) == example("download-url-200")["data"]
    assert wire.requests[0].json == {"url": FILM}


@pytest.mark.parametrize("data", [None, "", "ftp://x/y", ["https://a.example/x"], {}])
def test_a_fresh_link_that_is_none_is_refused(kie: Kie, wire: Wire, data: object) -> None:
    wire.answer(json={"code": 200, "data": data})
    with pytest.raises(Refused):
        kie.fresh_url(KEY, FILM)


def test_a_foreign_link_is_refused(kie: Kie, wire: Wire, answered: Example) -> None:
    wire.answer(json=answered("download-url-422-foreign-url"))
    with pytest.raises(Refused) as caught:
        kie.fresh_url(KEY, FILM)
    assert "It said: “url is wrong”" in caught.value.user_message


def test_a_fresh_link_that_kie_cannot_make_just_now_is_no_refusal(
    kie: Kie, wire: Wire, example: Example
) -> None:
    wire.answer(json=example("error-500-generic"))
    with pytest.raises(NotAccepted):
        kie.fresh_url(KEY, FILM)


def test_what_is_larger_than_720p_or_made_from_references_comes_at_full_length_only() -> None:
    for model in MODELS:
        for mode in model.modes:
            short = (8,) if mode == Mode.REFERENCES else (4, 6, 8)
            assert model.durations_at("720p", mode) == short
            assert model.durations_at("1080p", mode) == model.durations_at("4k", mode) == (8,)


def test_the_ratio_auto_follows_an_image_at_720p_only() -> None:
    for model in MODELS:
        assert model.ratios_in(Mode.FRAMES, "720p") == ("16:9", "9:16", AUTO)
        for mode, resolution in ((Mode.TEXT, "720p"), (Mode.FRAMES, "1080p"), (Mode.FRAMES, "4k")):
            assert model.ratios_in(mode, resolution) == ("16:9", "9:16")


def test_references_are_for_fast_and_lite_and_frames_for_all() -> None:
    images = {model.name: dict(model.images) for model in MODELS}
    assert images == {
        "veo3_fast": {Mode.FRAMES: 2, Mode.REFERENCES: 3},
        "veo3": {Mode.FRAMES: 2},
        "veo3_lite": {Mode.FRAMES: 2, Mode.REFERENCES: 3},
    }
