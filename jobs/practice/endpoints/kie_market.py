"""kie.ai's createTask and recordInfo (docs/contracts.md, market 1 and market 2)."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.practice.book.accounts import omni_price, seedance_price
from jobs.practice.dialects import kie as kie_shapes
from jobs.practice.dialects import market as shapes
from jobs.practice.endpoints import checks
from jobs.practice.endpoints.intake import asked, links, submit
from jobs.practice.endpoints.kie import INVALID, account_of
from jobs.practice.endpoints.orders import Order
from jobs.practice.http.messages import Refusal, Reply, Request, as_json
from jobs.practice.life.practice import Practice

UNKNOWN_MODEL = 404
MOST_REFERENCES = 7
LONGEST_PROMPT = 20_000
FIELDS: dict[str, checks.Check] = {
    "model": checks.text,
    "input": checks.json_object_within,
    "callBackUrl": checks.web_address,
}
_INPUT: dict[str, checks.Check] = {
    "prompt": checks.text,
    "image_urls": checks.web_addresses,
    "aspect_ratio": checks.one_of("16:9", "9:16"),
    "duration": checks.one_of("4", "6", "8", "10"),
    "seed": checks.between(0, 2**31 - 1),
}
_FRAMES: dict[str, checks.Check] = dict.fromkeys(
    ("first_frame_url", "last_frame_url"), checks.web_address
)


@dataclass(frozen=True)
class Model:
    """A model of the unified API: its name for people, and what stands in its `input`."""

    label: str
    fields: Mapping[str, checks.Check]
    price: Callable[[int, str], int]
    """Credits of so many seconds at a size."""
    seconds: int = 8
    """Where the order says nothing."""


MODELS = {
    "google/gemini-omni-flash-1-1": Model(
        "Gemini Omni 1.1 Flash",
        {**_INPUT, **_FRAMES, "resolution": checks.one_of("360p", "720p", "1080p", "4k")},
        omni_price,
    ),
    "gemini-omni-video": Model(
        "Gemini Omni", {**_INPUT, "resolution": checks.one_of("720p", "1080p", "4k")}, omni_price
    ),
    "bytedance/seedance-2": Model(
        "Seedance 2",
        {
            "prompt": checks.text,
            "aspect_ratio": checks.one_of("16:9", "9:16", "1:1", "4:3", "3:4", "21:9"),
            "duration": checks.between(4, 15),
            "resolution": checks.one_of("480p", "720p", "1080p"),
            **dict.fromkeys(("generate_audio", "web_search", "nsfw_checker"), checks.flag),
        },
        seedance_price,
        seconds=5,
    ),
}


def create(practice: Practice, request: Request) -> Reply:
    """POST /api/v1/jobs/createTask (market 1)."""
    account = account_of(practice, request)
    params = checks.json_object(request, INVALID)
    checks.fields(params, FIELDS, INVALID)
    for name in ("model", "input"):
        if name not in params:
            raise Refusal(INVALID, f"{name} is required")
    model, given = MODELS.get(params["model"]), params["input"]
    if model is None:
        raise Refusal(UNKNOWN_MODEL, "The model does not exist")
    checks.fields(given, model.fields, INVALID)
    _check_together(given)
    resolution, length = given.get("resolution", "720p"), int(given.get("duration", model.seconds))
    order = Order(
        provider="kie",
        task_id=secrets.token_hex(16),
        account=account,
        params=params,
        price=model.price(length, resolution),
        resolution=resolution,
        ratio=given.get("aspect_ratio", "16:9"),
        length=length,
        model=model.label,
        callback_url=params.get("callBackUrl", ""),
        images=_images(given),
    )
    return submit(
        practice, order, kie_shapes.REFUSALS, lambda _task, task_id: shapes.accepted(task_id)
    )


def _check_together(given: Mapping[str, Any]) -> None:
    """The rules between inputs (market 4)."""
    if "prompt" not in given:
        raise Refusal(INVALID, "Please enter prompt")
    if len(given["prompt"]) > LONGEST_PROMPT:
        raise Refusal(INVALID, f"prompt must be at most {LONGEST_PROMPT} characters")
    if "last_frame_url" in given and "first_frame_url" not in given:
        raise Refusal(INVALID, "last_frame_url needs first_frame_url")
    references = given.get("image_urls", ())
    if references and "first_frame_url" in given:
        raise Refusal(INVALID, "image_urls must not be sent with first_frame_url")
    if len(references) > MOST_REFERENCES:
        raise Refusal(INVALID, f"image_urls takes at most {MOST_REFERENCES}")


def _images(given: Mapping[str, Any]) -> list[str]:
    return [*(given[name] for name in _FRAMES if name in given), *given.get("image_urls", ())]


def record_info(practice: Practice, request: Request) -> Reply:
    """GET /api/v1/jobs/recordInfo?taskId= (market 2)."""
    account = account_of(practice, request)
    task_id = request.query.get("taskId", "")
    if not task_id:
        raise Refusal(INVALID, "taskId is required")
    task = asked(practice, practice.book.find(task_id, account, market=True))
    if task is None:
        if practice.options.unknown_record == "null":
            return as_json(kie_shapes.envelope(None))
        raise Refusal(INVALID, "recordInfo is null")
    if isinstance(task, Reply):
        return task
    return as_json(kie_shapes.envelope(shapes.record(task, links(practice, task))))
