"""The callbacks of kie when a task has ended, and their signature (docs/contracts.md, kie 5)."""

import base64
import hashlib
import hmac
import json
from typing import Any

from jobs.practice.book.tasks import Links, Task
from jobs.practice.dialects.kie import echo, envelope
from jobs.practice.kinds import TaskKind

SUCCESS = "Veo3.1 video generated successfully."
SUCCESS_4K = "4K Video generated successfully."


def callback(task: Task, links: Links) -> dict[str, Any]:
    """The body of a callback; without a reason of failure it says success."""
    regular = task.kind is not TaskKind.UPGRADE_4K
    data: dict[str, Any] = {"taskId": task.id}
    if regular:
        data["fallbackFlag"] = "fallback" in task.tags
    if task.reason is not None:
        return envelope(data, task.reason.code, task.reason.message)
    if "flat-callback" in task.tags:
        return envelope(_flat(task, links), message=SUCCESS if regular else SUCCESS_4K)
    if not regular:
        info = {"resultUrls": [links.film], "imageUrls": [links.poster]}
        data |= {"creditsConsumed": int(task.price), "info": info}
        return envelope(data, message=SUCCESS_4K)
    data |= {"info": _info(task, links), "promptJson": echo(task)}
    if "odd-callback" in task.tags:
        data["promptJson"] = "{prompt=" + task.caption
    return envelope(data, message=SUCCESS)


def _info(task: Task, links: Links) -> dict[str, Any]:
    urls: Any = [links.segment]
    if "urls-as-json-string" in task.tags:
        urls = json.dumps(urls)
    if "odd-callback" in task.tags:
        urls = f"[{links.segment}]"
    info: dict[str, Any] = {"resultUrls": urls, "resolution": task.resolution}
    if task.film.height > task.film.width:
        info["originUrls"] = urls
    if task.kind is TaskKind.EXTEND and "tail-only" not in task.tags:
        info["fullResultUrls"] = [links.film]
    return info


def _flat(task: Task, links: Links) -> dict[str, Any]:
    """The form that the OpenAPI text shows beside the other."""
    facts: dict[str, Any] = {"task_id": task.id, "result_urls": [links.segment]}
    return facts | {"media_ids": [task.file], "image_urls": [links.poster]}


def signature(task_id: str, timestamp: str, key: str) -> str:
    """base64(HMAC-SHA256(taskId + "." + timestamp)) with the account's webhook key."""
    signed = hmac.new(key.encode(), f"{task_id}.{timestamp}".encode(), hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()
