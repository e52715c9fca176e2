"""What kie.ai is sent for each sort of order, and what it makes of images."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from jobs.providers.base import Mode
from jobs.providers.errors import KeyRejected, NotAccepted, OutcomeUnknown, RateLimited, Refused
from jobs.providers.http import Http
from jobs.providers.kie.client import Kie
from jobs.providers.kie.models import AUTO, MODELS
from jobs.providers.multipart import Form
from tests.support.answers.dialects import (
    EXTENSION,
    FROM_FRAMES,
    FULL_HD,
    KEY,
    REQUEST,
    SOURCE,
    TASK,
    UHD,
    UNREADABLE,
)
from tests.support.fakes import Wire

Example = Callable[[str], Any]
ACCEPTED = {"code": 200, "msg": "success", "data": {"taskId": TASK}}
PICTURES = ("https://i.example/1.jpg", "https://i.example/2.jpg", "https://i.example/3.jpg")


# ── Generations ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mode", "number", "name"),
    [
        (Mode.FRAMES, 1, "FIRST_AND_LAST_FRAMES_2_VIDEO"),
        (Mode.FRAMES, 2, "FIRST_AND_LAST_FRAMES_2_VIDEO"),
        (Mode.REFERENCES, 3, "REFERENCE_2_VIDEO"),
    ],
)
def test_images_are_sent_with_the_mode_they_are_meant_for(
    kie: Kie, wire: Wire, mode: Mode, number: int, name: str
) -> None:
    wire.answer(json=ACCEPTED)
    kie.submit(KEY, dataclasses.replace(REQUEST, mode=mode, image_urls=PICTURES[:number]))
    sent = wire.requests[0].json
    assert (sent["generationType"], sent["imageUrls"]) == (name, list(PICTURES[:number]))


def test_what_has_a_default_is_sent_all_the_same(kie: Kie, wire: Wire) -> None:
    wire.answer(json=ACCEPTED)
    wanted = dataclasses.replace(FROM_FRAMES, aspect_ratio=AUTO, resolution="720p", duration=4)
    kie.submit(KEY, wanted)
    sent = wire.requests[0].json
    assert (sent["aspect_ratio"], sent["resolution"], sent["duration"]) == ("Auto", "720p", 4)
    assert "aspectRatio" not in sent


@pytest.mark.parametrize("model", [model.name for model in MODELS])
def test_only_documented_fields_and_values_are_sent(
    kie: Kie, wire: Wire, example: Example, model: str
) -> None:
    calls = {
        "openapi/generate": FROM_FRAMES,
        "openapi/extend": EXTENSION,
        "openapi/get-4k-video": UHD,
    }
    for call, order in calls.items():
        wire.forget()
        wire.answer(json=ACCEPTED)
        kie.submit(
            KEY,
            dataclasses.replace(
                order, model=model, watermark="Us", callback_url="https://us.example/w/"
            ),
        )
        schema = example(call)["request"]["application/json"]["schema"]
        sent = wire.requests[0].json
        if order is FROM_FRAMES:
            # Dropped from this edition of the page, and live all the same.
            sent.pop("seeds")
            assert "enableFallback" not in sent
        assert wire.requests[0].path == example(call)["path"]
        assert set(schema["required"]) <= set(sent) <= set(schema["properties"])
        for name, value in sent.items():
            assert value in schema["properties"][name].get("enum", [value])


# ── Extensions ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ours", "theirs"), [("veo3_fast", "fast"), ("veo3", "quality"), ("veo3_lite", "lite")]
)
def test_an_extension_is_sent_with_the_names_it_has_for_the_models(
    kie: Kie, wire: Wire, example: Example, ours: str, theirs: str
) -> None:
    wire.answer(json=example("extend-200"))
    receipt = kie.submit(KEY, dataclasses.replace(EXTENSION, model=ours))
    assert receipt.external_id == "veo_extend_task_xyz789"
    assert (wire.requests[0].method, wire.requests[0].path) == ("POST", "/api/v1/veo/extend")
    assert wire.requests[0].json == {
        "taskId": SOURCE,
        "prompt": "A lighthouse in the rain",
        "model": theirs,
        "seeds": 23456,
    }


@pytest.mark.parametrize(
    ("code", "msg"),
    [(404, "not found"), (422, "record is null"), (422, "supports records within 14 days.")],
)
def test_an_extension_of_an_unknown_video_says_that_the_video_is_gone(
    kie: Kie, wire: Wire, code: int, msg: str
) -> None:
    wire.answer(json={"code": code, "msg": msg, "data": None})
    with pytest.raises(Refused) as caught:
        kie.submit(KEY, EXTENSION)
    assert "no longer has the video this builds on" in caught.value.user_message
    assert "Nothing was charged." in caught.value.user_message


def test_an_extension_that_failed_at_once_leaves_the_outcome_unknown(kie: Kie, wire: Wire) -> None:
    wire.answer(json={"code": 501, "msg": "generation failed", "data": None})
    with pytest.raises(OutcomeUnknown):
        kie.submit(KEY, EXTENSION)


# ── Upgrades ─────────────────────────────────────────────────────────────────────────────────────


def test_1080p_is_asked_for_by_the_first_video_of_its_source(
    kie: Kie, wire: Wire, example: Example
) -> None:
    wire.answer(json=example("get-1080p-200"))
    assert kie.submit(KEY, FULL_HD).external_id == SOURCE
    assert wire.requests[0].method == example("openapi/get-1080p-video")["method"]
    assert wire.requests[0].path == example("openapi/get-1080p-video")["path"]
    assert wire.requests[0].query == {"taskId": SOURCE, "index": "0"}
    assert wire.requests[0].body == b""


def test_4k_is_ordered_with_the_callback_address(kie: Kie, wire: Wire, example: Example) -> None:
    wire.answer(json=example("get-4k-200-accepted"))
    order = dataclasses.replace(UHD, callback_url="https://us.example/w/")
    assert kie.submit(KEY, order).external_id == "veo_task_abcdef123456"
    assert (wire.requests[0].method, wire.requests[0].path) == ("POST", "/api/v1/veo/get-4k-video")
    assert wire.requests[0].json == {
        "taskId": SOURCE,
        "index": 0,
        "callBackUrl": "https://us.example/w/",
    }


# ── Uploads ──────────────────────────────────────────────────────────────────────────────────────

PICTURE = b"\xff\xd8\xff\xe0 not quite a picture \x00\r\n--"


def upload(kie: Kie) -> str:
    return kie.upload(KEY, "0f8c.jpg", BytesIO(PICTURE), "image/jpeg")


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("file-stream-upload-200", "images/test-uploads/1776323952044-dtzo7rcrpdj.png"),
        ("file-stream-upload-200-path-with-filename", "/1775638903493-8uhskrvrrtt.jpg"),
        ("file-base64-upload-200-png", "images/test-uploads/test-base64.png"),
        ("file-base64-upload-200-text", "documents/test-uploads/test.txt"),
        ("file-upload-200-quickstart-doc", "/download/file_abc123456"),
    ],
)
def test_an_uploaded_image_is_at_its_download_url(
    kie: Kie, wire: Wire, answered: Example, name: str, end: str
) -> None:
    wire.answer(json=answered(name))
    assert upload(kie).endswith(end)


def test_an_image_is_sent_whole_with_its_name_and_place(
    kie: Kie, wire: Wire, example: Example
) -> None:
    wire.answer(json={"code": 200, "data": {"fileUrl": "https://f.example/a.jpg"}})
    assert upload(kie) == "https://f.example/a.jpg"
    seen, page = wire.requests[0], example("openapi/file-stream-upload")
    assert (seen.method, seen.path) == (page["method"], page["path"])
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["user-agent"].startswith("Dailies/")
    assert seen.headers["content-type"].startswith("multipart/form-data; boundary=")
    boundary = seen.headers["content-type"].partition("boundary=")[2].encode()
    head, *parts, tail = seen.body.split(b"--" + boundary)
    assert (head, tail.strip()) == (b"", b"--")
    assert parts == [
        b'\r\nContent-Disposition: form-data; name="uploadPath"\r\n\r\ndailies\r\n',
        b'\r\nContent-Disposition: form-data; name="fileName"\r\n\r\n0f8c.jpg\r\n',
        b'\r\nContent-Disposition: form-data; name="file"; filename="0f8c.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n" + PICTURE + b"\r\n",
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"code": 200, "data": None},
        {"code": 200, "data": {}},
        {"code": 200, "data": {"downloadUrl": "ftp://f.example/a.jpg"}},
        {"code": 200, "data": {"downloadUrl": ["javascript:alert(1)"]}},
        {"success": False, "code": 400, "msg": "no", "data": {"downloadUrl": "https://f.example/"}},
        {"code": 402, "msg": "?"},
        {"code": 422, "msg": "?"},
        {"code": 455, "msg": "?"},
        {"code": 500, "msg": "?"},
        {},
    ],
    ids=str,
)
def test_an_upload_without_a_link_is_tried_later(
    kie: Kie, wire: Wire, body: dict[str, object]
) -> None:
    wire.answer(json=body)
    with pytest.raises(NotAccepted):
        upload(kie)


@pytest.mark.parametrize("status", [400, 402, 404, 413, 500, 503])
def test_an_upload_that_is_turned_down_is_tried_later(kie: Kie, wire: Wire, status: int) -> None:
    wire.answer(status, body=b"<html>no</html>")
    with pytest.raises(NotAccepted):
        upload(kie)


def test_an_upload_with_a_bad_key_says_so(kie: Kie, wire: Wire) -> None:
    for status, code in ((401, 401), (200, 401), (200, 433)):
        wire.answer(status, json={"success": False, "code": code, "msg": "no"})
        with pytest.raises(KeyRejected):
            upload(kie)


def test_an_upload_that_is_limited_is_tried_later(kie: Kie, wire: Wire) -> None:
    wire.answer(429, json={}, headers={"Retry-After": "30"})
    with pytest.raises(RateLimited) as caught:
        upload(kie)
    assert caught.value.retry_after == 30


@pytest.mark.parametrize("fault", ["rst", "eof", "truncated"])
def test_an_upload_whose_answer_was_lost_is_left_to_the_caller(
    kie: Kie, wire: Wire, fault: str
) -> None:
    getattr(wire, fault)()
    with pytest.raises(NotAccepted):
        upload(kie)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_answer_to_an_upload_loses_nothing(kie: Kie, wire: Wire, body: bytes) -> None:
    wire.answer(body=body)
    with pytest.raises(NotAccepted):
        upload(kie)


@pytest.mark.parametrize("fault", ["hang", "trickle_headers", "trickle_body"])
def test_an_upload_ends_at_its_deadline(wire: Wire, quick: Http, fault: str) -> None:
    getattr(wire, fault)()
    with pytest.raises(NotAccepted):
        upload(Kie(upload_url=wire.url, http=quick))


def test_an_upload_is_never_redirected(kie: Kie, wire: Wire, elsewhere: Wire) -> None:
    wire.redirect(elsewhere.url, 307)
    with pytest.raises(NotAccepted):
        upload(kie)


def test_an_upload_to_nowhere_is_tried_later() -> None:
    with pytest.raises(NotAccepted):
        Http().upload("http://no-such-host.invalid/", KEY, Form("a", BytesIO(), "image/jpeg", {}))


def test_a_film_is_read_while_it_is_sent(kie: Kie, wire: Wire) -> None:
    class Film(BytesIO):
        most = 0

        def read(self, size: int | None = -1) -> bytes:
            piece = super().read(size)
            self.most = max(self.most, len(piece))
            return piece

    film = Film(bytes(3_000_000))
    wire.answer(json={"code": 200, "data": {"fileUrl": "https://f.example/a.mp4"}})
    assert kie.upload(KEY, "a.mp4", film, "video/mp4") == "https://f.example/a.mp4"
    seen = wire.requests[0]
    assert int(seen.headers["content-length"]) == len(seen.body) > 3_000_000
    assert film.most < 100_000
