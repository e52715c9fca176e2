"""The handling of submissions and questions that both providers have in common."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from jobs.practice.book.accounts import Account
from jobs.practice.book.tasks import Links, Task
from jobs.practice.endpoints.orders import Order, task_of
from jobs.practice.faults.bad_answers import Accepted, answer_dropped
from jobs.practice.faults.table import FaultStage
from jobs.practice.faults.tags import Tags
from jobs.practice.http.messages import Refusal, Reply, Request, as_html
from jobs.practice.life.practice import Practice

RETRY_AFTER = 2
POLLS = 3
AWAY = 60.0


def customer(practice: Practice, provider: str, request: Request, message: str) -> Account:
    """The account whose key the request bears, or Refusal 401."""
    account = practice.keyrings[provider].account(request.headers.get("authorization", ""))
    if account is None:
        raise Refusal(401, message)
    return account


def submit(
    practice: Practice,
    order: Order,
    refusals: Mapping[str, tuple[int, str]],
    shape: Callable[[Task, Any], dict[str, Any]],
) -> Reply:
    """Make the task of a submission, or misbehave as its tags ask for."""
    practice.book.saw(order.account, order.kind, order.params)
    if not order.account.count_creation():
        raise Refusal(*refusals["refuse-429"], retry_after=RETRY_AFTER)
    caption, tags = _read(practice, order)
    dropped = tags.first(FaultStage.BEFORE)
    if dropped:
        return answer_dropped(dropped, tags, f"{practice.base_url}/elsewhere")
    refused = practice.luck.refusal(_subject(order), tags)
    if refused is not None and refused in refusals:
        code, message = refusals[refused]
        raise Refusal(code, message, RETRY_AFTER if code == 429 else None)
    task = practice.accept(task_of(practice, order, caption, tags))
    if task is None:
        raise Refusal(*refusals["refuse-402"])
    if "away" in tags:
        practice.go_away(tags.number("away", AWAY))
    if refused == "refuse-409":
        raise Refusal(409, f"Conflicting task request: {task.id}")
    return Accepted(tags, task.id, lambda task_id: shape(task, task_id)).answer()


def _read(practice: Practice, order: Order) -> tuple[str, Tags]:
    if order.enlarges is not None:
        return order.enlarges.caption, practice.luck.of_upgrade(order.enlarges, order.kind)
    return practice.luck.of_prompt(order.prompt, order.kind)


def _subject(order: Order) -> str:
    """The subject that a refusal with ``=N`` counts by."""
    if order.enlarges is not None:
        return f"{order.kind} of {order.enlarges.id}"
    return order.prompt


def asked(practice: Practice, task: Task | None) -> Task | Reply | None:
    """The task of a question, a faulty answer instead of it, or None where it is unknown."""
    if task is None:
        return None
    task.questions += 1
    practice.notify()
    tags, often = task.tags, task.questions
    if "slow-record" in tags and often <= tags.number("slow-record", POLLS):
        return None
    if "gone" in tags and often > 1:
        return None
    fault = next((name for name in tags.values if name.startswith("poll-")), "")
    if fault and often <= tags.number(fault, POLLS):
        return _bad_poll(fault)
    return task


def _bad_poll(fault: str) -> Reply:
    if fault == "poll-drop":
        return Reply(manner="reset")
    if fault == "poll-html":
        return as_html("<html><h1>502 Bad Gateway</h1></html>", 502)
    if fault == "poll-500":
        return Reply(500, b'{"code":500,"msg":"Server Error","data":null}')
    code = int(fault.removeprefix("poll-"))
    message = "record result data is blank." if code == 422 else "Try again later"
    raise Refusal(code, message, RETRY_AFTER if code == 429 else None)


def links(practice: Practice, task: Task) -> Links:
    """Addresses of a task's files for one answer about it."""
    if task.ended is not None:
        task.answers_with_link += 1
        if "stale-link" in task.tags and task.answers_with_link > 1:
            return practice.links(task, f"?fresh={secrets.token_hex(4)}")
    return practice.links(task)
