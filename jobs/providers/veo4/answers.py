"""Read veo4api.net's answers by its draft contract. Here the HTTP status decides.

Source: docs/contracts.md, veo4 1, veo4 2 and veo4 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from jobs.providers.answer import Answer
from jobs.providers.base import Receipt, Result, Snapshot, State
from jobs.providers.errors import (
    REPLACE_KEY,
    BadRequest,
    ContentBlocked,
    KeyRejected,
    NotAccepted,
    OutcomeUnknown,
    OutOfProviderCredits,
    ProviderError,
    RateLimited,
)
from jobs.providers.reading import (
    amount,
    as_object,
    clean,
    external_id,
    media_url,
    pick,
    said,
    whole,
)

STATES = {
    "queued": State.WAITING,
    "processing": State.RUNNING,
    "succeeded": State.SUCCEEDED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
CONTENT_WORDS = ("content polic", "flagged", "moderation", "unsafe")
"""Assumed: the draft names no words for a prompt that is turned down."""
FIELDS = {
    "image_urls": "an image",
    "aspect_ratio": "the aspect ratio",
    "extend_task_id": "the video to extend",
    "seeds": "the seed",
    "watermark": "the watermark",
    "enableTranslation": "the setting for translation",
    "public": "the setting “public”",
    "prompt": "the prompt",
}
"""The words for the fields that a 400 may be about."""
_FIELD_PLACES = ("field", "param", "parameter", "loc", "path", "property", "name")
"""Assumed: where an error may name its field, if not in its words."""
_DONE = 100
GONE_WORD = "task"
"""Assumed: a 404 that speaks of the task means an unknown task, any other one a moved address."""
_LATER = "veo4api.net couldn’t answer just now. We check again automatically; nothing is lost."


def receipt(answer: Answer) -> Receipt:
    body = answer.body or {}
    named = _named_task(body)
    task = external_id(named)
    if answer.good:
        if task is None:
            raise OutcomeUnknown("accepted without a valid task id")
        return Receipt(task, provider_credits=amount(body.get("credits_estimated")))
    if answer.status == HTTPStatus.CONFLICT and task is not None:
        return Receipt(task)
    if named is not None:
        raise OutcomeUnknown(f"{answer.summary} together with a task")
    raise _refusal(answer)


def _named_task(body: Mapping[str, object]) -> object:
    """The task an answer names; errors may carry it a level down, their shape being unknown."""
    for place in (body, as_object(body.get("error")), as_object(body.get("data"))):
        named = pick(place, "task_id", "taskId") if place is not None else None
        if named is not None:
            return named
    return None


_REFUSALS: dict[int, tuple[type[ProviderError], str]] = {
    HTTPStatus.BAD_REQUEST: (
        BadRequest,
        "veo4api.net did not accept these settings. Change them, then retry.",
    ),
    HTTPStatus.UNAUTHORIZED: (
        KeyRejected,
        f"veo4api.net did not accept the key.{REPLACE_KEY}",
    ),
    HTTPStatus.PAYMENT_REQUIRED: (
        OutOfProviderCredits,
        "The veo4api.net account has run out of credits. Top it up there, then retry.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        RateLimited,
        "veo4api.net asked us to slow down. It will be sent again automatically.",
    ),
}
_BLOCKED = (
    ContentBlocked,
    "veo4api.net turned down the prompt or an image. Change it, then retry.",
)


def _refusal(answer: Answer) -> ProviderError:
    """Read what a documented error status proves of the paid POST; any other proves nothing."""
    reason = _reason(answer)
    detail = f"{answer.summary}: {reason}"
    known = _REFUSALS.get(answer.status)
    if known is None:
        return OutcomeUnknown(detail)
    kind, message = known
    if kind is BadRequest:
        if any(word in reason.lower() for word in CONTENT_WORDS):
            kind, message = _BLOCKED
        elif field := _wrong_field(answer, reason):
            message = f"veo4api.net did not accept {field}. Change it, then retry."
    return kind(
        detail,
        user_message=f"{message} Nothing was charged.{said(reason)}",
        retry_after=answer.retry_after,
    )


def _reason(answer: Answer) -> str:
    """The error's words, wherever they stand, or the name of the status."""
    body = answer.body or {}
    error = body.get("error")
    inner = error.get("message") if isinstance(error, dict) else error
    for words in (inner, body.get("message"), body.get("msg")):
        if reason := clean(words):
            return reason
    try:
        return HTTPStatus(answer.status).phrase
    except ValueError:
        return ""


def _wrong_field(answer: Answer, reason: str) -> str:
    """The field that a 400 names, as people call it; '' where it names none that we send."""
    body = answer.body or {}
    places = (as_object(body.get("error")) or {}, body)
    named = [clean(place.get(name)) for place in places for name in _FIELD_PLACES]
    for words in (*named, reason):
        for field, label in FIELDS.items():
            # "public" is an ordinary word as well: an image must have a public address.
            before = r"^\W*" if field == "public" else r"(?<!\w)"
            if re.search(rf"{before}{field}(?!\w)", words, re.IGNORECASE):
                return f"{label} ({field})"
    return ""


def snapshot(answer: Answer, asked: str) -> Snapshot:
    body = answer.body
    if not answer.good or body is None:
        return _refused_question(answer)
    named = body.get("task_id")
    if named is not None and named != asked:
        return Snapshot(State.UNCLEAR, error="The answer is about other work.")
    word = clean(body.get("status")).lower()
    state, error = STATES.get(word, State.UNCLEAR), ""
    results = _results(body) if state is State.SUCCEEDED else ()
    if state is State.SUCCEEDED and not results:
        state, error = State.UNCLEAR, "Finished, but without a usable link."
    elif word == "canceled":
        error = "Canceled at veo4api.net."
    elif state is State.FAILED:
        error = _reason(answer) if _has_reason(body) else "veo4api.net gave no reason."
    progress = whole(body.get("progress"))
    return Snapshot(
        state,
        results=results,
        progress=progress if progress is not None and 0 <= progress <= _DONE else None,
        error_code=word if state is State.FAILED else "",
        error=error,
        provider_credits=amount(body.get("credits_charged")),
    )


def _has_reason(body: Mapping[str, object]) -> bool:
    return pick(body, "error", "message", "msg") is not None


def _refused_question(answer: Answer) -> Snapshot:
    """A question answered with 4xx. No status of these ends a job by itself."""
    reason = _reason(answer)
    detail = f"{answer.summary}: {reason}"
    if answer.status == HTTPStatus.UNAUTHORIZED:
        _, message = _REFUSALS[HTTPStatus.UNAUTHORIZED]
        raise KeyRejected(detail, user_message=f"{message}{said(reason)}")
    if answer.body is None:
        raise NotAccepted(detail, user_message=_LATER)
    if (
        answer.status == HTTPStatus.NOT_FOUND
        and _has_reason(answer.body)
        and GONE_WORD in reason.lower()
    ):
        return Snapshot(State.MISSING, error_code="404", error=reason)
    return Snapshot(State.UNCLEAR, error_code=str(answer.status), error=reason)


def _results(body: Mapping[str, object]) -> tuple[Result, ...]:
    url = media_url(body.get("video_url"))
    return () if url is None else (Result(url=url, resolution=""),)
