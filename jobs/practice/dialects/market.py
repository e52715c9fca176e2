"""The words of kie's unified API: records whose texts hold texts (docs/contracts.md, market 2)."""

import json
from decimal import Decimal
from typing import Any

from jobs.practice.book.tasks import Links, Task, TaskState
from jobs.practice.dialects.kie import addresses, envelope

STATES = {
    TaskState.QUEUED: "waiting",
    TaskState.PROCESSING: "generating",
    TaskState.SUCCEEDED: "success",
    TaskState.FAILED: "fail",
}
MORE = 21
"""Credits that an overcharge takes beside the price."""


def accepted(task_id: Any) -> dict[str, Any]:
    """The answer to a submission."""
    return envelope({"taskId": task_id, "recordId": task_id})


def record(task: Task, links: Links) -> dict[str, Any]:
    """data of recordInfo."""
    word = _word(task)
    facts: dict[str, Any] = {
        "taskId": task.id,
        "model": task.params["model"],
        "state": word,
        "param": _param(task),
        "resultJson": _result(task, links) if word == "success" else "",
        "failCode": str(task.reason.code) if task.reason else None,
        "failMsg": task.reason.message if task.reason else None,
        "costTime": None if task.ended is None else _thousandths(task.ended - task.created),
        "completeTime": None if task.ended is None else _thousandths(task.ended),
        "createTime": _thousandths(task.created),
        "updateTime": _thousandths(task.ended or task.created),
    }
    if task.ended is not None and "no-charge-figure" not in task.tags:
        facts["creditsConsumed"] = float(task.charged)
    return facts


def _word(task: Task) -> str:
    if "weird-flag" in task.tags and task.result is not None:
        return task.tags.text("weird-flag", "archived")
    # A task that is asked about again while it waits has got into the queue.
    waits_on = task.state is TaskState.QUEUED and task.questions > 1
    return "queuing" if waits_on else STATES.get(task.state, "fail")


def _param(task: Task) -> str:
    """The request, of which `input` is a text within the text."""
    given = json.dumps(task.given, ensure_ascii=False)
    return json.dumps({"input": given, "model": task.params["model"]}, ensure_ascii=False)


def _result(task: Task, links: Links) -> str:
    name = "result_urls" if "snake-case" in task.tags else "resultUrls"
    return json.dumps({name: addresses(task, links.film)})


def _thousandths(seconds: float) -> int:
    return int(seconds * 1000)


def charge(task: Task) -> Decimal:
    """Credits of the finished task."""
    return task.price + (MORE if "overcharge" in task.tags else 0)


def callback(task: Task, links: Links) -> dict[str, Any]:
    """The body of a callback: the record. One that comes early says success all the same."""
    data = record(task, links)
    if task.reason is not None:
        return envelope(data, 501, task.reason.message)
    return envelope({**data, "state": "success", "resultJson": _result(task, links)})
