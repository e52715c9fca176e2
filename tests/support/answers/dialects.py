"""How each provider says the same things, so that one suite can be run against both."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from jobs.providers.base import Client, Kind, Mode, VideoRequest, Work
from jobs.providers.errors import (
    BadRequest,
    ContentBlocked,
    KeyRejected,
    Maintenance,
    OutcomeUnknown,
    OutOfProviderCredits,
    ProviderError,
    RateLimited,
)
from jobs.providers.http import Http
from jobs.providers.kie.client import Kie
from jobs.providers.veo4.client import Veo4

KEY = "canary-4f8a1c0de5b7-key"
TASK = "veo_task_abcdef123456"
FILM = "https://files.example.com/film.mp4"
POSTER = "https://files.example.com/film.jpg"
REQUEST = VideoRequest(
    prompt="A lighthouse in the rain",
    model="veo3_fast",
    aspect_ratio="9:16",
    resolution="1080p",
    duration=8,
    seed=23456,
    seed_chosen=False,
)

SOURCE = "veo_task_of_the_original"
EXTENSION = replace(REQUEST, kind=Kind.EXTEND, source_id=SOURCE)
FULL_HD = replace(REQUEST, kind=Kind.UPGRADE_1080P, source_id=SOURCE)
UHD = replace(REQUEST, kind=Kind.UPGRADE_4K, source_id=SOURCE)
FROM_FRAMES = replace(REQUEST, mode=Mode.FRAMES, image_urls=("https://i.example/1.jpg",))

Script = Mapping[str, Any]
"""Keywords of Wire.answer."""


@dataclass(frozen=True)
class Dialect:
    name: str
    provider: str
    request: VideoRequest
    """An ordinary video in it."""
    estimate: Decimal | None
    """What its client takes for the price of that, where the provider names none."""
    make: Callable[[str, Http], Client]
    accepted: Callable[[object], dict[str, Any]]
    running: dict[str, Any]
    succeeded: Callable[[object], dict[str, Any]]
    failed: Callable[[str], dict[str, Any]]
    refusals: tuple[tuple[Script, type[ProviderError]], ...]
    callback: Callable[[object], dict[str, Any]]


def _envelope(code: int, msg: str = "no", data: object = None) -> Script:
    return {"json": {"code": code, "msg": msg, "data": data}}


def _record(flag: object, **more: object) -> dict[str, Any]:
    return {"code": 200, "msg": "success", "data": {"taskId": TASK, "successFlag": flag, **more}}


KIE = Dialect(
    name="kie",
    provider="kie",
    request=REQUEST,
    estimate=None,
    make=lambda url, http: Kie(base_url=url, http=http),
    accepted=lambda task: {"code": 200, "msg": "success", "data": {"taskId": task}},
    running=_record(0, response=None),
    succeeded=lambda url: _record(1, response={"resultUrls": url, "imageUrls": [POSTER]}),
    failed=lambda reason: _record(3, response=None, errorCode=500, errorMessage=reason),
    refusals=(
        (_envelope(400), BadRequest),
        (_envelope(401), KeyRejected),
        (_envelope(402), OutOfProviderCredits),
        (_envelope(404), BadRequest),
        (_envelope(422), BadRequest),
        (_envelope(422, "Your request was rejected by Flow(minor)."), ContentBlocked),
        (_envelope(400, "Your prompt was flagged by Website"), ContentBlocked),
        (_envelope(429), RateLimited),
        (_envelope(430), RateLimited),
        (_envelope(433), KeyRejected),
        (_envelope(451), BadRequest),
        (_envelope(455), Maintenance),
        (_envelope(505), BadRequest),
        ({"status": 429, "body": b"<html>slow down</html>"}, RateLimited),
        ({"status": 401, "body": b""}, KeyRejected),
        (_envelope(408), OutcomeUnknown),
        (_envelope(500), OutcomeUnknown),
        (_envelope(501), OutcomeUnknown),
        (_envelope(499), OutcomeUnknown),
        (_envelope(422, data={"taskId": TASK}), OutcomeUnknown),
        ({"status": 404, "body": b"<html>"}, OutcomeUnknown),
        ({"status": 403, "body": b"error code: 1010"}, OutcomeUnknown),
    ),
    callback=lambda task: {"code": 200, "data": {"taskId": task}},
)


def _status(word: str, **more: object) -> dict[str, Any]:
    return {"task_id": TASK, "status": word, **more}


OMNI = replace(REQUEST, model="google/gemini-omni-flash-1-1", duration=6)
SEEDANCE = replace(OMNI, model="bytedance/seedance-2", aspect_ratio="21:9", duration=15)
CHANGED = replace(
    OMNI,
    mode=Mode.VIDEO,
    duration=0,
    film_url="https://i.example/film.mp4",
    span=(2, 7),
    image_urls=("https://i.example/1.jpg",),
)
"""A part of a film that words change."""


def _job(state: str, **more: object) -> dict[str, Any]:
    data = {"taskId": TASK, "model": OMNI.model, "state": state, "resultJson": "", **more}
    return {"code": 200, "msg": "success", "data": data}


MARKET = replace(
    KIE,
    name="market",
    request=OMNI,
    estimate=Decimal(84),
    running=_job("generating"),
    succeeded=lambda url: _job("success", resultJson=json.dumps({"resultUrls": url})),
    failed=lambda reason: _job("fail", failCode="500", failMsg=reason),
)
"""kie's unified API: the same envelope, other records."""

VEO4 = Dialect(
    name="veo4",
    provider="veo4",
    request=replace(REQUEST, model="veo-4"),
    estimate=None,
    make=lambda url, http: Veo4(base_url=url, http=http),
    accepted=lambda task: {"task_id": task, "status": "queued", "credits_estimated": 180},
    running=_status("processing", progress=40),
    succeeded=lambda url: _status(
        "succeeded",
        video_url=url[0] if isinstance(url, list) and url else url,
        thumbnail_url=POSTER,
    ),
    failed=lambda reason: _status("failed", error={"message": reason}),
    refusals=(
        ({"status": 400, "json": {"error": "seeds"}}, BadRequest),
        ({"status": 400, "json": {"message": "flagged by moderation"}}, ContentBlocked),
        ({"status": 400, "body": b""}, BadRequest),
        ({"status": 401, "json": {"msg": "expired"}}, KeyRejected),
        ({"status": 402, "json": {}}, OutOfProviderCredits),
        ({"status": 429, "json": {}}, RateLimited),
        ({"status": 409, "json": {"error": "conflict"}}, OutcomeUnknown),
        ({"status": 404, "body": b"<html>"}, OutcomeUnknown),
        ({"status": 422, "json": {}}, OutcomeUnknown),
        ({"status": 400, "json": {"task_id": TASK}}, OutcomeUnknown),
    ),
    callback=lambda task: {"event": "video.succeeded", "task_id": task},
)

DIALECTS = (KIE, MARKET, VEO4)

ORDERS = (
    *((KIE, order) for order in (REQUEST, FROM_FRAMES, EXTENSION, FULL_HD, UHD)),
    (MARKET, OMNI),
    (MARKET, replace(OMNI, mode=Mode.FRAMES, image_urls=("https://i.example/1.jpg",))),
    (MARKET, replace(OMNI, mode=Mode.REFERENCES, image_urls=("https://i.example/1.jpg",))),
    (MARKET, SEEDANCE),
    (MARKET, CHANGED),
    *((VEO4, order) for order in (REQUEST, EXTENSION)),
)
"""Every sort of order at each provider."""
WORKS = (
    (KIE, Work(TASK)),
    (KIE, Work(TASK, Kind.EXTEND, SOURCE)),
    (KIE, Work(SOURCE, Kind.UPGRADE_1080P, SOURCE)),
    (KIE, Work(SOURCE, Kind.UPGRADE_4K, SOURCE)),
    (KIE, Work(TASK, Kind.UPGRADE_4K, SOURCE)),
    (MARKET, Work(TASK, model=OMNI.model)),
    (MARKET, Work(TASK, model=SEEDANCE.model)),
    (VEO4, Work(TASK)),
    (VEO4, Work(TASK, Kind.EXTEND, SOURCE)),
)
"""Every sort of work that is asked about at each provider."""

DEEP = b'{"code":200,"task_id":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
HUGE = b'{"code":200,"status":"queued","filler":"' + b"x" * 5_000_000 + b'"}'
UNREADABLE = {
    "truncated JSON": b'{"code":200,"data":{"taskId":"abc',
    "5 MB": HUGE,
    "10 000 deep": DEEP,
    "NaN": b'{"code":200,"task_id":"abc","data":{"taskId":"abc","n":NaN}}',
    "Infinity": b'{"code":200,"task_id":"abc","data":{"taskId":"abc","n":-Infinity}}',
    "number out of range": b'{"code":200,"task_id":"abc","n":1e99999999999999999999}',
    "latin-1": '{"code":200,"task_id":"abc","msg":"é"}'.encode("latin-1"),
    "UTF-16": '{"code":200,"task_id":"abc"}'.encode("utf-16"),
    "HTML": b"<html>502 Bad Gateway</html>",
    "a list": b'[{"task_id":"abc"}]',
    "nothing": b"",
}
BAD_IDS: tuple[object, ...] = (
    None,
    0,
    7,
    True,
    [],
    ["abc"],
    {},
    "",
    " ",
    "x" * 10_000,
    "../x",
    "<script>",
    "abc\n",
    "vidéo",
    "١٢٣",
)
