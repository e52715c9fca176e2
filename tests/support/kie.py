"""What kie.ai says, in the shapes of its contract."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from tests.support.fakes import Wire

Answer = dict[str, Any]


def accepted(task: object = "task-1") -> Answer:
    return {"code": 200, "msg": "success", "data": {"taskId": task}}


def refused(code: int, msg: str = "no") -> Answer:
    return {"code": code, "msg": msg, "data": None}


def record(flag: object, task: str = "task-1", **more: Any) -> Answer:
    return {"code": 200, "msg": "success", "data": {"taskId": task, "successFlag": flag, **more}}


def running(task: str = "task-1", **more: Any) -> Answer:
    return record(0, task, response=None, **more)


def succeeded(url: object, task: str = "task-1", **more: Any) -> Answer:
    urls = url if isinstance(url, list) or url is None else [url]
    return record(1, task, response={"resultUrls": urls}, **more)


def failed(reason: str = "The model could not do it.", task: str = "task-1") -> Answer:
    return record(3, task, response=None, errorCode=501, errorMessage=reason)


def echo(prompt: str, seed: int, callback: str = "") -> dict[str, str]:
    """What record-info repeats of a request."""
    fields: dict[str, Any] = {"prompt": prompt, "seeds": seed, "model": "veo3_fast"}
    if callback:
        fields["callBackUrl"] = callback
    return {"paramJson": json.dumps(fields)}


def callback(task: str = "task-1", **more: Any) -> bytes:
    """The body of a success callback."""
    data = {"taskId": task, "info": {"resultUrls": ["https://evil.example/x.mp4"]}, **more}
    return json.dumps({"code": 200, "msg": "done", "data": data}).encode()


def signature(task: str, stamp: str, key: str) -> dict[str, str]:
    digest = hmac.new(key.encode(), f"{task}.{stamp}".encode(), hashlib.sha256).digest()
    return {
        "X-Webhook-Timestamp": stamp,
        "X-Webhook-Signature": base64.b64encode(digest).decode(),
    }


def callback_path(wire: Wire, number: int = -1) -> str:
    """The path of the callback address that a submission gave to the provider."""
    url: str = wire.posts[number].json["callBackUrl"]
    return url.removeprefix("https://dailies.example")


def not_ready_1080p() -> Answer:
    return refused(400, "1080P is processing. It should be ready in 1-2 minutes.")


def ready_1080p(url: str) -> Answer:
    return {"code": 200, "msg": "success", "data": {"resultUrl": url}}


def upgrade_4k(code: int, msg: str, task: str, *urls: str) -> Answer:
    """One of the three answers of get-4k-video: accepted, processing, or done with its links."""
    links = list(urls) or None
    data = {"taskId": task, "resultUrls": links, "imageUrls": None}
    return {"code": code, "msg": msg, "data": data}


def accepted_4k(task: str) -> Answer:
    return upgrade_4k(200, "success", task)


def processing_4k(task: str) -> Answer:
    return upgrade_4k(422, "4k is processing. It should be ready in 5-10 minutes.", task)


def ready_4k(task: str, url: str) -> Answer:
    return upgrade_4k(422, "The video has been generated successfully", task, url)
