"""kie.ai's createTask and recordInfo (docs/contracts.md, market 1 and market 2)."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.practice.book.accounts import change_price, omni_price, seedance_price
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
FILM_PLACES = 2
"""Of those, what a film takes that is to be changed."""
LONGEST_SPAN = 10
LONGEST_PROMPT = 20_000


def _films(value: Any) -> str | None:
    """One film, and the part of it in seconds."""
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        return "must be an array of one object"
    film = value[0]
    if film.keys() != {"url", "start", "ends"}:
        return "must have url, start and ends"
    if problem := checks.web_address(film["url"]):
        return f"url {problem}"
    times = checks.between(0, 10**6)
    if problem := times(film["start"]) or times(film["ends"]):
        return problem
    is_span = 0 < film["ends"] - film["start"] <= LONGEST_SPAN
    return None if is_span else f"must be 1 to {LONGEST_SPAN} seconds long"


FIELDS: dict[str, checks.Check] = {
    "model": checks.text,
    "input": checks.json_object_within,
    "callBackUrl": checks.web_address,
}
_INPUT: dict[str, checks.Check] = {
    "prompt": checks.text,
    "image_urls": checks.web_addresses,
    "video_list": _films,
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
    resolution, length = given.get("resolution", "720p"), _length(given, model)
    order = Order(
        provider="kie",
        task_id=secrets.token_hex(16),
        account=account,
        params=params,
        price=(
            change_price(resolution) if "video_list" in given else model.price(length, resolution)
        ),
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
    most = MOST_REFERENCES
    if "video_list" in given:
        most -= FILM_PLACES
        # A length beside a film means nothing; who sends one has not understood.
        for name in ("first_frame_url", "duration"):
            if name in given:
                raise Refusal(INVALID, f"video_list must not be sent with {name}")
    if len(references) > most:
        raise Refusal(INVALID, f"image_urls takes at most {most}")


def _length(given: Mapping[str, Any], model: Model) -> int:
    """Seconds; of a changed film as many as are changed, which is what this model makes of it."""
    for film in given.get("video_list", ()):
        return int(film["ends"] - film["start"])
    return int(given.get("duration", model.seconds))


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
