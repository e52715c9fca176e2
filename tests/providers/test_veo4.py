"""veo4api.net in particular, by its draft contract."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from io import BytesIO

import pytest

from jobs.providers.base import Kind, Mode, State, Work
from jobs.providers.errors import BadRequest, OutcomeUnknown, Refused
from jobs.providers.http import Http
from jobs.providers.veo4.client import Veo4
from jobs.providers.veo4.declaration import MODELS, VEO4
from tests.support.answers.dialects import EXTENSION, FILM, KEY, REQUEST, SOURCE, TASK
from tests.support.fakes import Wire


@pytest.fixture
def veo4(wire: Wire) -> Veo4:
    return Veo4(base_url=wire.url + "/api/video/veo4", http=Http(sleep=lambda seconds: None))


def test_a_request_sends_every_documented_field_and_no_other(veo4: Veo4, wire: Wire) -> None:
    wire.answer(json={"task_id": TASK, "credits_estimated": 180})
    receipt = veo4.submit(KEY, REQUEST)
    assert receipt.provider_credits == Decimal(180)
    assert wire.requests[0].path == "/api/video/veo4/generate"
    assert wire.requests[0].json == {
        "prompt": "A lighthouse in the rain",
        "aspect_ratio": "9:16",
        "seeds": 23456,
        "enableTranslation": True,
        "public": False,
    }


def test_images_are_sent_by_their_public_addresses(veo4: Veo4, wire: Wire) -> None:
    wire.answer(json={"task_id": TASK})
    pictures = ("https://us.example/images/1.jpg", "https://us.example/images/2.jpg")
    veo4.submit(KEY, dataclasses.replace(REQUEST, mode=Mode.REFERENCES, image_urls=pictures))
    assert wire.requests[0].json["image_urls"] == list(pictures)


def test_an_extension_names_the_task_it_goes_on_from(veo4: Veo4, wire: Wire) -> None:
    wire.answer(json={"task_id": TASK})
    assert veo4.submit(KEY, EXTENSION).external_id == TASK
    assert wire.requests[0].path == "/api/video/veo4/generate"
    assert wire.requests[0].json["extend_task_id"] == SOURCE


def test_there_are_no_uploads_and_no_upgrades(veo4: Veo4, wire: Wire) -> None:
    assert not VEO4.upgrades
    assert not VEO4.takes_uploads
    with pytest.raises(Refused, match="uploads"):
        veo4.upload(KEY, "a.jpg", BytesIO(), "image/jpeg")
    assert wire.connections == 0


@pytest.mark.parametrize(
    ("body", "label"),
    [
        ({"error": "seeds"}, "the seed (seeds)"),
        ({"message": "seeds must be between 10000 and 99999"}, "the seed (seeds)"),
        ({"error": {"message": "too long", "field": "prompt"}}, "the prompt (prompt)"),
        ({"error": {"param": "image_urls", "message": "?"}}, "an image (image_urls)"),
        ({"field": "aspect_ratio"}, "the aspect ratio (aspect_ratio)"),
        ({"msg": "public: not a boolean"}, "the setting “public” (public)"),
        ({"msg": "Aspect_Ratio is odd"}, "the aspect ratio (aspect_ratio)"),
    ],
)
def test_a_bad_request_names_the_field(
    veo4: Veo4, wire: Wire, body: dict[str, object], label: str
) -> None:
    wire.answer(400, json=body)
    with pytest.raises(BadRequest) as caught:
        veo4.submit(KEY, REQUEST)
    assert f"did not accept {label}. Change it, then retry." in caught.value.user_message
    assert len(wire.requests) == 1


@pytest.mark.parametrize("words", ["the republic", "it needs a public address", "no", "prompted"])
def test_a_bad_request_without_a_field_names_none(veo4: Veo4, wire: Wire, words: str) -> None:
    wire.answer(400, json={"message": words})
    with pytest.raises(BadRequest) as caught:
        veo4.submit(KEY, REQUEST)
    assert "did not accept these settings" in caught.value.user_message


def test_watermark_and_webhook_are_sent_when_they_are_set(veo4: Veo4, wire: Wire) -> None:
    wire.answer(json={"task_id": TASK})
    veo4.submit(
        KEY, dataclasses.replace(REQUEST, watermark="Us", callback_url="https://us.example/w/")
    )
    sent = wire.requests[0].json
    assert (sent["watermark"], sent["webhook_url"]) == ("Us", "https://us.example/w/")


@pytest.mark.parametrize(
    "body",
    [{"task_id": TASK}, {"error": {"task_id": TASK}}, {"data": {"taskId": TASK}}],
)
def test_a_conflict_that_names_the_existing_task_is_its_receipt(
    veo4: Veo4, wire: Wire, body: dict[str, object]
) -> None:
    wire.answer(409, json=body)
    assert veo4.submit(KEY, REQUEST).external_id == TASK


def test_a_conflict_with_an_invalid_id_leaves_the_outcome_unknown(veo4: Veo4, wire: Wire) -> None:
    wire.answer(409, json={"task_id": "../x"})
    with pytest.raises(OutcomeUnknown):
        veo4.submit(KEY, REQUEST)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": {"message": "one"}}, "one"),
        ({"error": "two"}, "two"),
        ({"message": "three"}, "three"),
        ({"msg": "four"}, "four"),
        ({"error": {"code": 7}, "message": "five"}, "five"),
        ({}, "Bad Request"),
    ],
)
def test_the_reason_is_found_wherever_it_stands(
    veo4: Veo4, wire: Wire, body: dict[str, object], reason: str
) -> None:
    wire.answer(400, json=body)
    with pytest.raises(BadRequest) as caught:
        veo4.submit(KEY, REQUEST)
    assert f"It said: “{reason}”" in caught.value.user_message


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("queued", State.WAITING),
        ("processing", State.RUNNING),
        ("Processing", State.RUNNING),
        ("failed", State.FAILED),
        ("canceled", State.FAILED),
        ("done", State.UNCLEAR),
        ("success", State.UNCLEAR),
        ("", State.UNCLEAR),
        (None, State.UNCLEAR),
        (1, State.UNCLEAR),
        (["succeeded"], State.UNCLEAR),
    ],
)
def test_only_documented_words_mean_anything(
    veo4: Veo4, wire: Wire, word: object, state: State
) -> None:
    wire.answer(json={"task_id": TASK, "status": word, "video_url": FILM})
    assert veo4.fetch(KEY, Work(TASK)).state is state
    assert wire.requests[0].query == {"task_id": TASK}


def test_progress_and_charge_are_read(veo4: Veo4, wire: Wire) -> None:
    wire.answer(json={"status": "processing", "progress": 40, "credits_charged": 240.5})
    found = veo4.fetch(KEY, Work(TASK))
    assert (found.progress, found.provider_credits) == (40, Decimal("240.5"))


@pytest.mark.parametrize("progress", [-1, 101, 1e99, "40%", None, True, []])
def test_progress_outside_a_percentage_is_none(veo4: Veo4, wire: Wire, progress: object) -> None:
    wire.answer(json={"status": "processing", "progress": progress})
    assert veo4.fetch(KEY, Work(TASK)).progress is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"status": "failed", "error": {"message": "too dark"}}, "too dark"),
        ({"status": "failed"}, "veo4api.net gave no reason."),
        ({"status": "canceled"}, "Canceled at veo4api.net."),
    ],
)
def test_the_end_of_failed_work_has_a_reason(
    veo4: Veo4, wire: Wire, body: dict[str, object], reason: str
) -> None:
    wire.answer(json=body)
    assert veo4.fetch(KEY, Work(TASK)).error == reason


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (404, {"error": "Task not found"}, State.MISSING),
        (404, {"detail": "Not Found"}, State.UNCLEAR),
        (404, {"error": "Not Found"}, State.UNCLEAR),
        (400, {"error": "task_id"}, State.UNCLEAR),
        (409, {}, State.UNCLEAR),
    ],
)
def test_only_a_404_about_the_task_means_missing(
    veo4: Veo4, wire: Wire, status: int, body: dict[str, object], state: State
) -> None:
    wire.answer(status, json=body)
    assert veo4.fetch(KEY, Work(TASK)).state is state


def test_there_is_no_balance_and_no_fresh_link(veo4: Veo4, wire: Wire) -> None:
    assert veo4.balance(KEY) is None
    with pytest.raises(Refused):
        veo4.fresh_url(KEY, FILM)
    assert wire.connections == 0


def test_there_is_one_choice_where_the_api_has_no_field() -> None:
    (model,) = MODELS
    assert (model.resolutions, model.durations) == (("720p",), (8,))
    assert model.aspect_ratios == ("16:9", "9:16", "1:1")
    assert model.images == {Mode.REFERENCES: 3}
    assert model.durations_at("720p", Mode.REFERENCES) == (8,)
    assert model.ratios_in(Mode.REFERENCES, "720p") == model.aspect_ratios
    assert model.follow_up(Kind.EXTEND)
    assert VEO4.preview
