"""The words of kie: envelopes, refusals and records (docs/contracts.md, kie 0, kie 1 and kie 3)."""

import json
import time
from collections.abc import Mapping
from typing import Any

from jobs.practice.book.tasks import Links, Task, TaskState
from jobs.practice.http.messages import Refusal, Reply, as_json
from jobs.practice.kinds import TaskKind

REFUSALS: Mapping[str, tuple[int, str]] = {
    "refuse-400": (400, "Your prompt was flagged by Website as violating content policies."),
    "refuse-401": (401, "You do not have access permissions"),
    "refuse-402": (402, "The current credits are insufficient. Please top up."),
    "refuse-404": (404, "Not Found - The requested resource or endpoint does not exist"),
    "refuse-408": (408, "Upstream is currently experiencing service issues. No response in 10 min"),
    "refuse-422": (422, "Validation Error - The request parameters failed validation checks"),
    "refuse-429": (429, "Your call frequency is too high. Please try again later."),
    "refuse-430": (430, "Your call frequency is too high. Please try again later."),
    "refuse-433": (433, "The limit of this API key has been reached."),
    "refuse-451": (451, "Failed to fetch the image. Kindly verify any access limits."),
    "refuse-455": (455, "Service Unavailable - System is currently undergoing maintenance"),
    "refuse-500": (500, "Server Error - An unexpected error occurred while processing the request"),
    "refuse-501": (501, "Generation Failed - Video generation task failed"),
    "refuse-withdrawn": (422, "This model is no longer available."),
    "refuse-flow": (422, "Your request was rejected by Flow(PUBLIC_ERROR_UNSAFE_GENERATION)."),
    "refuse-505": (505, "Feature Disabled - The requested feature is currently disabled"),
}
# The names under which kie repeats a request, where they differ from those it was sent with.
ECHOED = {"aspect_ratio": "aspectRatio", "watermark": "waterMark"}
FLAGS = {TaskState.QUEUED: 0, TaskState.PROCESSING: 0, TaskState.SUCCEEDED: 1}


def envelope(data: Any, code: int = 200, message: str = "success") -> dict[str, Any]:
    """kie's frame around every answer."""
    return {"code": code, "msg": message, "data": data}


def refusal(refused: Refusal) -> Reply:
    """An error: HTTP 200 with the code inside, except for the rate limit (429)."""
    status = 429 if refused.code == 429 else 200
    return as_json(envelope(None, refused.code, refused.message), status, refused.headers)


def accepted(task_id: Any) -> dict[str, Any]:
    """The answer to a submission."""
    return envelope({"taskId": task_id})


def echo(task: Task) -> dict[str, Any]:
    """The request as kie repeats it."""
    return {ECHOED.get(name, name): value for name, value in task.params.items()}


def record(task: Task, links: Links) -> dict[str, Any]:
    """data of record-info."""
    flag = _flag(task)
    facts: dict[str, Any] = {
        "taskId": task.id,
        "paramJson": json.dumps(echo(task), ensure_ascii=False),
        "completeTime": _moment(task, task.ended),
        "createTime": _moment(task, task.created),
        "response": response(task, links) if flag == 1 else None,
        "successFlag": flag,
        "errorCode": task.reason.code if task.reason else None,
        "errorMessage": task.reason.message if task.reason else None,
    }
    if task.kind is not TaskKind.UPGRADE_4K:
        facts["fallbackFlag"] = "fallback" in task.tags
    if "old-shape" in task.tags and flag == 1:
        facts |= {"response": None, "resultUrls": json.dumps([links.segment])}
    return facts


def _flag(task: Task) -> int:
    if "weird-flag" in task.tags and task.result is not None:
        return int(task.tags.number("weird-flag", 7))
    return task.reason.flag if task.reason is not None else FLAGS.get(task.state, 2)


def _moment(task: Task, seconds: float | None) -> int | str | None:
    if seconds is None:
        return None
    if "string-times" in task.tags:
        iso = task.tags.text("string-times") == "iso"
        written = "%Y-%m-%dT%H:%M:%SZ" if iso else "%Y-%m-%d %H:%M:%S"
        return time.strftime(written, time.gmtime(seconds))
    # The real service tells whole seconds, written as milliseconds.
    return int(seconds) * 1000


def response(task: Task, links: Links) -> Any:
    """The result in a record. resultUrls of an extension is the new part alone (kie 2)."""
    urls = addresses(task, links.segment)
    name = "result_urls" if "snake-case" in task.tags else "resultUrls"
    facts: dict[str, Any] = {"taskId": task.id, name: urls, "resolution": task.resolution}
    if task.film.height > task.film.width:
        facts["originUrls"] = urls
    if task.kind is TaskKind.EXTEND and "tail-only" not in task.tags:
        facts["fullResultUrls"] = addresses(task, links.film)
    if task.kind is TaskKind.UPGRADE_4K:
        facts |= {"imageUrls": [links.poster], "mediaIds": [task.file]}
    return json.dumps(facts) if "json-string-response" in task.tags else facts


def addresses(task: Task, url: str) -> Any:
    """A list of the one address, or what the tags make of it."""
    urls: Any = [url]
    if "success-empty" in task.tags:
        urls = [] if task.tags.text("success-empty") == "list" else None
    return json.dumps(urls) if "urls-as-json-string" in task.tags else urls
