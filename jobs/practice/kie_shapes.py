"""What kie says: envelopes, records and callbacks (kie contract, sections 0, 3 and 5)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from jobs.practice.messages import Answer, Refused, as_json
from jobs.practice.tasks import State, Task

REFUSALS: Mapping[str, tuple[int, str]] = {
    "refuse-400": (400, "Your prompt was flagged by Website as violating content policies."),
    "refuse-401": (401, "You do not have access permissions"),
    "refuse-402": (402, "The current credits are insufficient. Please top up."),
    "refuse-404": (404, "Not Found - The requested resource or endpoint does not exist"),
    "refuse-422": (422, "Validation Error - The request parameters failed validation checks"),
    "refuse-429": (429, "Your call frequency is too high. Please try again later."),
    "refuse-430": (430, "Your call frequency is too high. Please try again later."),
    "refuse-433": (433, "The limit of this API key has been reached."),
    "refuse-451": (451, "Failed to fetch the image. Kindly verify any access limits."),
    "refuse-455": (455, "Service Unavailable - System is currently undergoing maintenance"),
    "refuse-500": (500, "Server Error - An unexpected error occurred while processing the request"),
    "refuse-505": (505, "Feature Disabled - The requested feature is currently disabled"),
}
SUCCESS = "Veo3.1 video generated successfully."
# The names under which kie repeats a request, where they differ from those it was sent with.
ECHOED = {"aspect_ratio": "aspectRatio", "watermark": "waterMark"}
FLAGS = {State.QUEUED: 0, State.PROCESSING: 0, State.SUCCEEDED: 1}


def envelope(data: Any, code: int = 200, message: str = "success") -> dict[str, Any]:
    """kie's frame around every answer."""
    return {"code": code, "msg": message, "data": data}


def refusal(refused: Refused) -> Answer:
    """An error: HTTP 200 with the code inside, except for the rate limit (429)."""
    status = 429 if refused.code == 429 else 200
    return as_json(envelope(None, refused.code, refused.message), status, refused.headers)


def accepted(task_id: Any) -> dict[str, Any]:
    """The answer to a submission."""
    return envelope({"taskId": task_id})


def echo(task: Task) -> dict[str, Any]:
    """The request as kie repeats it."""
    return {ECHOED.get(name, name): value for name, value in task.params.items()}


def record(task: Task, film_url: str) -> dict[str, Any]:
    """data of record-info."""
    flag: Any = FLAGS.get(task.state, 2)
    if task.reason is not None:
        flag = task.reason.flag
    if "weird-flag" in task.tags and task.result is not None:
        flag = int(task.tags.number("weird-flag", 7))
    return {
        "taskId": task.id,
        "paramJson": json.dumps(echo(task), ensure_ascii=False),
        "completeTime": _moment(task, task.ended),
        "createTime": _moment(task, task.created),
        "response": _response(task, film_url) if flag == 1 else None,
        "successFlag": flag,
        "errorCode": task.reason.code if task.reason else None,
        "errorMessage": task.reason.message if task.reason else None,
        "fallbackFlag": False,
    }


def _moment(task: Task, seconds: float | None) -> int | str | None:
    if seconds is None:
        return None
    if "string-times" in task.tags:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))
    # The real service tells whole seconds, written as milliseconds.
    return int(seconds) * 1000


def _response(task: Task, film_url: str) -> Any:
    urls: Any = [film_url]
    if "success-empty" in task.tags:
        urls = [] if task.tags.text("success-empty") == "list" else None
    if "urls-as-json-string" in task.tags:
        urls = json.dumps(urls)
    name = "result_urls" if "snake-case" in task.tags else "resultUrls"
    response = {"taskId": task.id, name: urls, "resolution": task.resolution}
    if task.film.height > task.film.width:
        response["originUrls"] = urls
    return json.dumps(response) if "json-string-response" in task.tags else response


def callback(task: Task, film_url: str) -> dict[str, Any]:
    """The body of a callback; without a reason of failure it says success."""
    if task.reason is not None:
        data = {"taskId": task.id, "fallbackFlag": False}
        return envelope(data, task.reason.code, task.reason.message)
    urls: Any = [film_url]
    prompt: Any = echo(task)
    if "odd-callback" in task.tags:
        urls, prompt = f"[{film_url}]", "{prompt=" + task.caption
    info = {"resultUrls": urls, "resolution": task.resolution}
    if task.film.height > task.film.width:
        info["originUrls"] = urls
    data = {"taskId": task.id, "info": info, "promptJson": prompt, "fallbackFlag": False}
    return envelope(data, message=SUCCESS)


def signature(task_id: str, timestamp: str, key: str) -> str:
    """base64(HMAC-SHA256(taskId + "." + timestamp)) with the account's webhook key (section 5)."""
    signed = hmac.new(key.encode(), f"{task_id}.{timestamp}".encode(), hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()
