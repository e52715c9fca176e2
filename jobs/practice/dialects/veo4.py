"""The words of veo4: real HTTP status codes, flat bodies in snake case.

Source: docs/contracts.md, veo4 1, veo4 2 and veo4 4.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jobs.practice.book.accounts import VEO4_HD_PRICE, VEO4_PRICE
from jobs.practice.book.tasks import Links, Task, TaskState
from jobs.practice.http.messages import Refusal, Reply, as_json

REFUSALS: Mapping[str, tuple[int, str]] = {
    "refuse-400": (400, "The prompt was rejected by the content policy"),
    "refuse-401": (401, "The API key is missing, expired or invalid"),
    "refuse-402": (402, "Insufficient credits"),
    "refuse-404": (404, "Not found"),
    "refuse-408": (500, "Upstream did not answer"),
    "refuse-422": (400, "The request is not valid"),
    "refuse-429": (429, "Too many requests"),
    "refuse-430": (429, "Too many requests"),
    "refuse-433": (402, "The limit of this API key has been reached"),
    "refuse-451": (400, "A source image could not be fetched"),
    "refuse-455": (503, "Under maintenance"),
    "refuse-500": (500, "Temporary error"),
    "refuse-501": (500, "The generation failed"),
    "refuse-flow": (400, "The prompt was rejected for what it shows"),
    "refuse-505": (503, "This feature is switched off"),
}
MODEL = "veo-4"


def refusal(refused: Refusal) -> Reply:
    """An error with its own status code."""
    return as_json({"error": {"message": refused.message}}, refused.code, refused.headers)


def accepted(task: Task, task_id: Any) -> dict[str, Any]:
    """The answer to a submission."""
    return {
        "task_id": task_id,
        "status": "queued",
        "model": MODEL,
        "credits_estimated": VEO4_PRICE,
        "created_at": moment(task.created),
    }


def status(task: Task, links: Links) -> dict[str, Any]:
    """The answer about a task."""
    facts: dict[str, Any] = {"task_id": task.id, "status": _word(task)}
    if "no-progress" not in task.tags:
        facts["progress"] = task.progress
    if task.reason is not None:
        facts["error"] = {"message": task.reason.message}
    if facts["status"] == TaskState.SUCCEEDED:
        facts |= _result(task, links)
    if task.ended is not None:
        facts["completed_at"] = moment(task.ended)
    return facts


def _word(task: Task) -> str:
    if "weird-flag" in task.tags and task.result is not None:
        return task.tags.text("weird-flag", "archived")
    return str(task.state)


def _result(task: Task, links: Links) -> dict[str, Any]:
    facts: dict[str, Any] = {"video_url": links.film, "thumbnail_url": links.poster}
    if "success-empty" in task.tags:
        facts = {"video_url": [] if task.tags.text("success-empty") == "list" else None}
    if "no-charge-figure" not in task.tags:
        facts["credits_charged"] = charge(task)
    return facts


def charge(task: Task) -> int:
    """Credits of the finished task."""
    return VEO4_HD_PRICE if "overcharge" in task.tags else VEO4_PRICE


def callback(task: Task, links: Links) -> dict[str, Any]:
    """The body of the planned webhook; without a reason of failure it says success."""
    word = TaskState.SUCCEEDED if task.reason is None else task.result or TaskState.FAILED
    body: dict[str, Any] = {"event": f"video.{word}", "task_id": task.id, "status": str(word)}
    body["model"] = MODEL
    if task.reason is None:
        body |= {"video_url": links.film, "credits_charged": charge(task)}
    else:
        body["error"] = {"message": task.reason.message}
    ended = moment(task.ended) if task.ended is not None else None
    return body | {"created_at": moment(task.created), "completed_at": ended}


def signature(body: bytes, secret: str) -> str:
    """Hexadecimal HMAC-SHA256 of the raw body."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def moment(seconds: float) -> str:
    """A time (seconds since the epoch) as veo4 writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
