"""What kie.ai says of work, files and credits, with every spelling seen so far."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from jobs.providers.answer import Answer
from jobs.providers.base import Echo, Result, Snapshot, State
from jobs.providers.errors import NotAccepted, Refused
from jobs.providers.kie_envelope import LATER, Code, Envelope, raise_for_door
from jobs.providers.reading import (
    amount,
    as_object,
    clean,
    media_url,
    media_urls,
    pick,
    said,
    whole,
)

INPUT_WORDS = ("only english prompts", "failed to fetch the image")
"""Of 400 in record-info: the work failed for what we sent."""
MISSING_WORDS = ("record is null", "within 14 days", "record does not exist")
"""Of 422 in record-info. "record status is not success", "result data is blank" and their like
speak of a record that is there, and so of nothing that is certain."""
NO_REASON = "kie.ai gave no reason."
RESOLUTIONS = ("720p", "1080p", "4k")


_GENERATING, _SUCCESS, _FAILURES = 0, 1, (2, 3)
_ASK_LATER = (Code.SERVER_ERROR, Code.FEATURE_OFF)
_FAILED = (Code.UPSTREAM_SILENT, Code.NO_IMAGE, Code.GENERATION_FAILED)


def snapshot(answer: Answer, asked: str) -> Snapshot:
    """What record-info says of the work `asked`. A flag counts for more than a code."""
    envelope = Envelope.of(answer)
    data = as_object(envelope.data)
    if data is not None:
        named = pick(data, "taskId", "task_id")
        if named is not None and named != asked:
            return Snapshot(State.UNCLEAR, error="The answer is about other work.")
        flag = whole(pick(data, "successFlag", "success_flag"))
        if envelope.code == Code.GOOD or flag in (_SUCCESS, *_FAILURES):
            return _by_flag(flag, data)
    if envelope.code == Code.GOOD:
        gone = envelope.has_data and envelope.data is None
        return Snapshot(State.MISSING if gone else State.UNCLEAR)
    return _by_code(envelope)


def _by_flag(flag: int | None, data: Mapping[str, object]) -> Snapshot:
    results = _results(data) if flag == _SUCCESS else ()
    code = pick(data, "errorCode", "error_code")
    error = clean(pick(data, "errorMessage", "error_message"))
    if flag == _GENERATING:
        state = State.RUNNING
    elif flag == _SUCCESS:
        state = State.SUCCEEDED if results else State.UNCLEAR
        error = error or ("" if results else "Finished, but without a usable link.")
    elif flag in _FAILURES:
        state, error = State.FAILED, error or NO_REASON
    else:
        state = State.UNCLEAR
    return Snapshot(
        state,
        results=results,
        error_code=clean(code if isinstance(code, str) else str(whole(code) or "")),
        error=error,
        provider_credits=amount(pick(data, "creditsConsumed", "credits_consumed")),
        echo=_echo(data),
        fallback=pick(data, "fallbackFlag", "fallback_flag") is True,
    )


def _by_code(envelope: Envelope) -> Snapshot:
    """An error code instead of a record. Only documented words may end a job."""
    raise_for_door(envelope)
    code = envelope.code
    if code in _ASK_LATER or (code is None and not envelope.good):
        raise NotAccepted(envelope.summary, user_message=LATER, retry_after=envelope.retry_after)
    bad_input = code == Code.BAD_REQUEST and envelope.says(INPUT_WORDS)
    if envelope.is_about_content or bad_input or code in _FAILED:
        state = State.FAILED
    elif code == Code.UNKNOWN or (code == Code.INVALID and envelope.says(MISSING_WORDS)):
        state = State.MISSING
    else:
        state = State.UNCLEAR
    reason = envelope.reason or (NO_REASON if state is State.FAILED else "")
    return Snapshot(state, error_code="" if code is None else str(code), error=reason)


def _results(data: Mapping[str, object]) -> tuple[Result, ...]:
    """The files of generated work, the film first.

    `fullResultUrls` counts after an extension only, and `originUrls` is the uncropped source:
    neither is what was asked for here.
    """
    response = as_object(pick(data, "response", "info")) or {}
    urls: tuple[str, ...] = ()
    for place in (response, data):
        urls = urls or media_urls(pick(place, "resultUrls", "result_urls"))
    posters = media_urls(pick(response, "imageUrls", "image_urls"))
    resolution = clean(response.get("resolution")).lower()
    return tuple(
        Result(
            url=url,
            resolution=resolution if resolution in RESOLUTIONS else "",
            poster_url=posters[place] if place < len(posters) else "",
        )
        for place, url in enumerate(urls)
    )


def _echo(data: Mapping[str, object]) -> Echo | None:
    """Our own request as kie repeats it; `promptJson` may be an object, a string, or broken."""
    params = as_object(pick(data, "paramJson", "param_json", "promptJson", "prompt_json"))
    if params is None:
        return None
    echo = Echo(
        prompt=_string(params.get("prompt")),
        seed=whole(pick(params, "seeds", "seed")),
        callback_url=_string(pick(params, "callBackUrl", "callbackUrl", "callback_url")),
        model=_string(params.get("model")),
    )
    return None if echo == Echo() else echo


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None


def download_url(answer: Answer) -> str:
    """The bare link of download-url. Raises Refused where there is none, or NotAccepted."""
    envelope = Envelope.of(answer)
    raise_for_door(envelope)
    if envelope.code == Code.GOOD:
        url = media_url(envelope.data)
        if url is not None:
            return url
    elif envelope.code is None or envelope.code in (*_ASK_LATER, *_FAILED):
        raise NotAccepted(envelope.summary, user_message=LATER)
    raise Refused(
        envelope.summary,
        user_message="kie.ai has no fresh link for this file any more. kie.ai keeps files for "
        f"14 days.{said(envelope.reason)}",
    )


def balance(answer: Answer) -> Decimal | None:
    """The figure of chat/credit, or None. Raises KeyRejected, and NotAccepted for "ask later"."""
    envelope = Envelope.of(answer)
    raise_for_door(envelope)
    if envelope.code != Code.GOOD:
        raise NotAccepted(envelope.summary, user_message=LATER)
    return amount(envelope.data)
