"""kie.ai's generate, record-info, credit and download-url.

The sections cited here are those of docs/contracts.md.
"""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from jobs.practice.book.accounts import Account, kie_price
from jobs.practice.dialects import kie as shapes
from jobs.practice.endpoints import checks
from jobs.practice.endpoints.intake import asked, customer, links, submit
from jobs.practice.endpoints.orders import Order
from jobs.practice.http.messages import Refusal, Reply, Request, as_json
from jobs.practice.life.practice import Practice

INVALID = 422
MODELS = {"veo3": "Veo 3.1 Quality", "veo3_fast": "Veo 3.1 Fast", "veo3_lite": "Veo 3.1 Lite"}
RATIOS = checks.one_of("16:9", "9:16", "Auto")
FIELDS: dict[str, checks.Check] = {
    "prompt": checks.text,
    "imageUrls": checks.web_addresses,
    "model": checks.one_of(*MODELS),
    "generationType": checks.one_of(
        "TEXT_2_VIDEO", "FIRST_AND_LAST_FRAMES_2_VIDEO", "REFERENCE_2_VIDEO"
    ),
    "aspect_ratio": RATIOS,
    "aspectRatio": RATIOS,
    "resolution": checks.one_of("720p", "1080p", "4k"),
    "duration": checks.one_of(4, 6, 8),
    "seeds": checks.seed,
    "callBackUrl": checks.web_address,
    "enableTranslation": checks.flag,
    "enableFallback": checks.flag,
    "watermark": checks.text,
}
MOST_IMAGES = {"FIRST_AND_LAST_FRAMES_2_VIDEO": 2, "REFERENCE_2_VIDEO": 3}


def account_of(practice: Practice, request: Request) -> Account:
    """The account that asks, or Refusal."""
    return customer(practice, "kie", request, "You do not have access permissions")


def generate(practice: Practice, request: Request) -> Reply:
    """POST /api/v1/veo/generate (kie 1)."""
    account = account_of(practice, request)
    params = checks.json_object(request, INVALID)
    checks.fields(params, FIELDS, INVALID)
    _check_together(params)
    model, resolution = params.get("model", "veo3_fast"), params.get("resolution", "720p")
    order = Order(
        provider="kie",
        task_id=secrets.token_hex(16),
        account=account,
        params=params,
        price=kie_price(model, resolution, images="imageUrls" in params),
        resolution=resolution,
        ratio=_ratio(params),
        length=params.get("duration", 8),
        model=MODELS[model],
        callback_url=params.get("callBackUrl", ""),
        images=params.get("imageUrls", ()),
    )
    return submit(practice, order, shapes.REFUSALS, lambda _task, task_id: shapes.accepted(task_id))


def _ratio(params: Mapping[str, Any]) -> str:
    return str(params.get("aspect_ratio", params.get("aspectRatio", "16:9")))


def _check_together(params: Mapping[str, Any]) -> None:
    """The rules between fields (kie 1)."""
    if "prompt" not in params:
        raise Refusal(INVALID, "prompt is required")
    if "aspect_ratio" in params and "aspectRatio" in params:
        raise Refusal(INVALID, "aspect_ratio is given twice")
    kind, images = params.get("generationType"), params.get("imageUrls", [])
    length = params.get("duration", 8)
    _check_images(
        str(kind or ("FIRST_AND_LAST_FRAMES_2_VIDEO" if images else "TEXT_2_VIDEO")), images
    )
    if kind == "REFERENCE_2_VIDEO" and (params.get("model") == "veo3" or length != 8):
        raise Refusal(INVALID, "REFERENCE_2_VIDEO needs veo3_fast or veo3_lite and a duration of 8")
    if params.get("resolution", "720p") != "720p" and (length != 8 or _ratio(params) == "Auto"):
        raise Refusal(INVALID, "1080p and 4k need a duration of 8 and a ratio other than Auto")


def _check_images(kind: str, images: list[str]) -> None:
    if kind == "TEXT_2_VIDEO":
        if images:
            raise Refusal(INVALID, "imageUrls must not be sent with TEXT_2_VIDEO")
    elif not 1 <= len(images) <= MOST_IMAGES[kind]:
        raise Refusal(INVALID, f"{kind} needs 1 to {MOST_IMAGES[kind]} imageUrls")


def record_info(practice: Practice, request: Request) -> Reply:
    """GET /api/v1/veo/record-info?taskId= (kie 3)."""
    account = account_of(practice, request)
    task_id = request.query.get("taskId", "")
    if not task_id:
        raise Refusal(INVALID, "taskId is required")
    task = asked(practice, practice.book.find(task_id, account))
    if task is None:
        if practice.options.unknown_record == "null":
            return as_json(shapes.envelope(None))
        raise Refusal(422, "The record does not exist")
    if isinstance(task, Reply):
        return task
    if task.reason is not None and "fail-policy-envelope" in task.tags:
        raise Refusal(task.reason.code, task.reason.message)
    return as_json(shapes.envelope(shapes.record(task, links(practice, task))))


def credit(practice: Practice, request: Request) -> Reply:
    """GET /api/v1/chat/credit (kie 6)."""
    account = account_of(practice, request)
    return as_json(shapes.envelope(float(account.balance)))


def download_url(practice: Practice, request: Request) -> Reply:
    """POST /api/v1/common/download-url (kie 6): a live link to a file of this account."""
    account = account_of(practice, request)
    params = checks.json_object(request, INVALID)
    checks.fields(params, {"url": checks.text}, INVALID)
    parts = urlsplit(str(params.get("url", "")))
    name = parts.path.removeprefix("/files/").rsplit(".", 1)[0]
    task = practice.book.by_file(name)
    ours = parts._replace(path="", query="", fragment="").geturl() == practice.base_url
    if task is None or task.account is not account or not ours:
        raise Refusal(422, "url is wrong")
    link = f"{practice.base_url}{parts.path}?fresh={secrets.token_hex(8)}"
    return as_json(shapes.envelope(link))
