"""veo4api.net's endpoints: generate and status (docs/contracts.md, veo4 1 and veo4 2)."""

import secrets
from typing import Any

from jobs.practice.book.accounts import VEO4_PRICE, Account
from jobs.practice.book.tasks import Task, TaskState
from jobs.practice.dialects import veo4 as shapes
from jobs.practice.endpoints import checks
from jobs.practice.endpoints.intake import asked, customer, links, submit
from jobs.practice.endpoints.orders import Order
from jobs.practice.http.messages import Refusal, Reply, Request, as_json
from jobs.practice.kinds import TaskKind
from jobs.practice.life.practice import Practice

INVALID = 400
LONGEST_PROMPT = 20_000
SECONDS = 8
FIELDS: dict[str, checks.Check] = {
    "prompt": checks.text,
    "image_urls": checks.web_addresses,
    "aspect_ratio": checks.one_of("16:9", "9:16", "1:1"),
    "extend_task_id": checks.text,
    "seeds": checks.seed,
    "watermark": checks.text,
    "enableTranslation": checks.flag,
    "public": checks.flag,
    "webhook_url": checks.web_address,
}


def _customer(practice: Practice, request: Request) -> Account:
    return customer(practice, "veo4", request, "The API key is missing, expired or invalid")


def generate(practice: Practice, request: Request) -> Reply:
    """POST {base}/generate."""
    account = _customer(practice, request)
    params = checks.json_object(request, INVALID)
    checks.fields(params, FIELDS, INVALID)
    if not 1 <= len(params.get("prompt", "")) <= LONGEST_PROMPT:
        raise Refusal(INVALID, f"prompt must have 1 to {LONGEST_PROMPT} characters")
    source = _source(practice, account, params)
    order = Order(
        provider="veo4",
        task_id=f"veo4_task_{secrets.token_hex(12)}",
        account=account,
        params=params,
        price=VEO4_PRICE,
        resolution="720p",
        ratio=params.get("aspect_ratio", "16:9"),
        length=SECONDS,
        model="Veo 4",
        callback_url=params.get("webhook_url", ""),
        kind=TaskKind.EXTEND if source else TaskKind.GENERATE,
        source=source,
        images=params.get("image_urls", ()),
    )
    return submit(practice, order, shapes.REFUSALS, shapes.accepted)


def _source(practice: Practice, account: Account, params: dict[str, Any]) -> Task | None:
    """The video to extend, if one is named."""
    if "extend_task_id" not in params:
        return None
    source = practice.book.find(params["extend_task_id"], account)
    if source is None or source.state is not TaskState.SUCCEEDED:
        raise Refusal(INVALID, "extend_task_id must name a completed task")
    return source


def status(practice: Practice, request: Request) -> Reply:
    """GET {base}/status?task_id=."""
    account = _customer(practice, request)
    found = practice.book.find(request.query.get("task_id", ""), account)
    task = asked(practice, found)
    if task is None:
        raise Refusal(404, "Task not found")
    if isinstance(task, Reply):
        return task
    return as_json(shapes.status(task, links(practice, task)))
