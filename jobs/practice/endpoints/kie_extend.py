"""kie.ai's extend: a finished video goes on (docs/contracts.md, kie 2)."""

import secrets
from collections.abc import Mapping
from typing import Any

from jobs.practice.book.accounts import KIE_EXTEND_PRICES, Account
from jobs.practice.book.tasks import Task, TaskState
from jobs.practice.dialects import kie as shapes
from jobs.practice.endpoints import checks
from jobs.practice.endpoints.intake import submit
from jobs.practice.endpoints.kie import INVALID, account_of
from jobs.practice.endpoints.orders import Order
from jobs.practice.http.messages import Refusal, Reply, Request
from jobs.practice.kinds import UPGRADES, TaskKind
from jobs.practice.life.practice import Practice

ADDED_SECONDS = 7
LONGEST = 148
FIELDS: dict[str, checks.Check] = {
    "taskId": checks.text,
    "prompt": checks.text,
    "seeds": checks.seed,
    "model": checks.one_of(*KIE_EXTEND_PRICES),
    "watermark": checks.text,
    "callBackUrl": checks.web_address,
}
TOO_OLD = "Temporarily supports records within 14 days."


def extend(practice: Practice, request: Request) -> Reply:
    """POST /api/v1/veo/extend: answers with a new task."""
    account = account_of(practice, request)
    params = checks.json_object(request, INVALID)
    checks.fields(params, FIELDS, INVALID)
    for name in ("taskId", "prompt"):
        if name not in params:
            raise Refusal(INVALID, f"{name} is required")
    source = _source(practice, account, params)
    model = params.get("model", "fast")
    order = Order(
        provider="kie",
        task_id=secrets.token_hex(16),
        account=account,
        params=params,
        price=KIE_EXTEND_PRICES[model],
        resolution=source.resolution,
        ratio=source.ratio,
        length=ADDED_SECONDS,
        model=f"Veo 3.1 {model.title()}, extended",
        callback_url=params.get("callBackUrl", ""),
        kind=TaskKind.EXTEND,
        source=source,
    )
    return submit(practice, order, shapes.REFUSALS, lambda _task, task_id: shapes.accepted(task_id))


def _source(practice: Practice, account: Account, params: Mapping[str, Any]) -> Task:
    """The video to extend; Refusal where it cannot be."""
    source = practice.book.find(params["taskId"], account)
    if source is None or source.kind in UPGRADES or source.state is not TaskState.SUCCEEDED:
        raise Refusal(404, "The original video task does not exist or has not succeeded")
    if "old" in source.tags:
        raise Refusal(INVALID, TOO_OLD)
    upgrade = practice.book.upgrade(source, TaskKind.UPGRADE_1080P)
    if source.resolution != "720p" or (upgrade is not None and upgrade.reason is None):
        raise Refusal(INVALID, "Videos after 1080P generation cannot be extended")
    if source.film.length + ADDED_SECONDS > LONGEST:
        raise Refusal(INVALID, f"The video would be longer than {LONGEST} seconds")
    return source
