"""kie.ai's upgrades to 1080P and 4K: asking again is the way to wait (docs/contracts.md, kie 4).

The first question starts the work and charges it. Whatever a question hears, no later one charges
again.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.practice.book.accounts import KIE_UPGRADE_PRICES, Account
from jobs.practice.book.tasks import Task, TaskState
from jobs.practice.dialects import kie as shapes
from jobs.practice.endpoints import checks
from jobs.practice.endpoints.intake import asked, links, submit
from jobs.practice.endpoints.kie import INVALID, MODELS, account_of
from jobs.practice.endpoints.kie_extend import TOO_OLD
from jobs.practice.endpoints.orders import Order
from jobs.practice.http.messages import Refusal, Reply, Request, as_json
from jobs.practice.kinds import TaskKind
from jobs.practice.life.practice import Practice

ENLARGEABLE = {TaskKind.UPGRADE_1080P: ("720p",), TaskKind.UPGRADE_4K: ("720p", "1080p")}
PROCESSING = "{} is processing. It should be ready in {} minutes. Please check back shortly."
NOT_READY = {
    "400": (400, PROCESSING.format("1080P", "1-2")),
    "422": (422, "Records are being generated, please try again later."),
    "500": (500, "Server Error - An unexpected error occurred while processing the request"),
}
UNKNOWN = "record is null."
NAMES = ("resultUrls", "imageUrls")
DONE = "The video has been generated successfully"
FIELDS_4K: dict[str, checks.Check] = {
    "taskId": checks.text,
    "index": checks.one_of(0),
    "callBackUrl": checks.web_address,
}
Answering = Callable[[Practice, Task], dict[str, Any]]


def get_1080p(practice: Practice, request: Request) -> Reply:
    """GET /api/v1/veo/get-1080p-video?taskId=&index=: a link, or a code other than 200."""
    account = account_of(practice, request)
    if request.query.get("index", "0") != "0":
        raise Refusal(INVALID, "index is invalid, allowed values: 0")
    params = {"taskId": request.query.get("taskId", "")}
    order = _UpgradeOrder(account, TaskKind.UPGRADE_1080P, params)
    return _upgrade(practice, order, _not_ready, _now_1080p)


def get_4k(practice: Practice, request: Request) -> Reply:
    """POST /api/v1/veo/get-4k-video: accepted, and from then on 422 for good news and none."""
    account = account_of(practice, request)
    params = checks.json_object(request, INVALID)
    checks.fields(params, FIELDS_4K, INVALID)
    order = _UpgradeOrder(account, TaskKind.UPGRADE_4K, params)
    return _upgrade(practice, order, lambda _task, named: shapes.envelope(_data(named)), _now_4k)


@dataclass(frozen=True)
class _UpgradeOrder:
    account: Account
    kind: TaskKind
    params: Mapping[str, Any]


def _upgrade(
    practice: Practice,
    order: _UpgradeOrder,
    first: Callable[[Task, Any], dict[str, Any]],
    later: Answering,
) -> Reply:
    """Start the upgrade, or tell how far the one that there is has come."""
    task_id = order.params.get("taskId")
    if not task_id:
        raise Refusal(INVALID, "taskId is required")
    source = practice.book.find(task_id, order.account)
    made = practice.book.upgrade(source, order.kind) if source else None
    if made is None:
        submission = _submission(order, _enlargeable(source, order.kind))
        return submit(practice, submission, shapes.REFUSALS, first)
    practice.book.saw(order.account, order.kind, order.params)
    task = asked(practice, made)
    if task is None:
        raise Refusal(INVALID, UNKNOWN)
    return task if isinstance(task, Reply) else as_json(later(practice, task))


def _enlargeable(source: Task | None, kind: TaskKind) -> Task:
    """The video to enlarge; Refusal where it cannot be."""
    if source is None or source.kind is not TaskKind.GENERATE:
        raise Refusal(INVALID, UNKNOWN)
    if source.state is not TaskState.SUCCEEDED:
        raise Refusal(INVALID, "record status is not success.")
    if "old" in source.tags:
        raise Refusal(INVALID, TOO_OLD)
    if "fallback" in source.tags:
        raise Refusal(INVALID, "Videos of the fallback model cannot be upgraded")
    if source.resolution not in ENLARGEABLE[kind]:
        raise Refusal(INVALID, f"The video is {source.resolution} already")
    return source


def _submission(order: _UpgradeOrder, source: Task) -> Order:
    return Order(
        provider="kie",
        # The upgrade to 1080P has no id of its own.
        task_id=source.id if order.kind is TaskKind.UPGRADE_1080P else secrets.token_hex(16),
        account=order.account,
        params=order.params,
        price=KIE_UPGRADE_PRICES[order.kind],
        resolution=str(order.kind),
        ratio=source.ratio,
        length=source.film.seconds,
        model=MODELS[source.params.get("model", "veo3_fast")],
        callback_url=order.params.get("callBackUrl", ""),
        kind=order.kind,
        source=source,
    )


def _not_ready(task: Task, _named: Any = None) -> dict[str, Any]:
    """The three known forms take turns, the first of them first."""
    chosen = task.tags.text("not-ready")
    forms = [NOT_READY[chosen]] if chosen in NOT_READY else list(NOT_READY.values())
    code, message = forms[task.questions % len(forms)]
    return shapes.envelope(None, code, message)


def _accepted_4k(_task: Task, named: Any) -> dict[str, Any]:
    return shapes.envelope(_data(named))


def _now_1080p(practice: Practice, task: Task) -> dict[str, Any]:
    if task.reason is not None:
        return shapes.envelope(None, task.reason.code, task.reason.message)
    if task.state is not TaskState.SUCCEEDED:
        return _not_ready(task)
    name = "result_url" if "snake-case" in task.tags else "resultUrl"
    url = None if "success-empty" in task.tags else links(practice, task).film
    return shapes.envelope({name: url})


def _now_4k(practice: Practice, task: Task) -> dict[str, Any]:
    if task.reason is not None:
        return shapes.envelope(_data(task.id), task.reason.code, task.reason.message)
    if task.state is not TaskState.SUCCEEDED:
        return shapes.envelope(_data(task.id), INVALID, PROCESSING.format("4k", "5-10"))
    now = links(practice, task)
    names = ("result_urls", "image_urls") if "snake-case" in task.tags else NAMES
    urls = shapes.addresses(task, now.film), [now.poster]
    done = {"taskId": task.id, **dict(zip(names, urls, strict=True))}
    return shapes.envelope(done, INVALID, DONE)


def _data(task_id: Any) -> dict[str, Any]:
    return {"taskId": task_id, **dict.fromkeys(NAMES)}
