"""The callbacks that a task sends, with their words and signatures."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from jobs.practice.book.tasks import Links, Task
from jobs.practice.callbacks.delivery import Notice
from jobs.practice.dialects import kie_callbacks as kie
from jobs.practice.dialects import market, veo4
from jobs.practice.options import Options

STRANGER = "http://attacker.example/evil.mp4"
LATE_SECONDS = 30.0
DUPLICATES = 3


def planned(task: Task, links: Links, options: Options) -> Iterator[tuple[float, Notice]]:
    """The callbacks due at the end of a task, each with its delay in seconds."""
    if not task.callback_url or "no-callback" in task.tags:
        return
    late = "late-callback" in task.tags
    delay = task.tags.number("late-callback", LATE_SECONDS) if late else 0.0
    for _ in range(DUPLICATES if "duplicate-callback" in task.tags else 1):
        yield delay, notice(task, links, options)


def notice(task: Task, links: Links, options: Options) -> Notice:
    """One callback about the task as it stands; success while it has no reason of failure."""
    if "forged-callback-url" in task.tags:
        links = Links(STRANGER, STRANGER, STRANGER)
    payload: dict[str, Any] = _shape(task)(task, links)
    body = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
    headers = {} if "unsigned-callback" in task.tags else _signed(task, body, options)
    return Notice(task, task.callback_url, body, headers)


def _shape(task: Task) -> Callable[[Task, Links], dict[str, Any]]:
    if task.is_market:
        return market.callback
    return kie.callback if task.provider == "kie" else veo4.callback


def _signed(task: Task, body: bytes, options: Options) -> dict[str, str]:
    wrong = "-wrong" if "bad-signature-callback" in task.tags else ""
    if task.provider == "kie" and options.kie_hmac_key:
        stamp = str(int(time.time()))
        sign = kie.signature(task.id, stamp, options.kie_hmac_key + wrong)
        return {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": sign}
    if task.provider == "veo4" and options.veo4_signature_header:
        secret = options.veo4_signature_secret + wrong
        return {options.veo4_signature_header: veo4.signature(body, secret)}
    return {}
