"""Read kie.ai's words on work, files and credits, in every spelling seen so far.

The moments in a record (milliseconds on the wire, two kinds of text in the docs) are not read: our
own clock tells when a job began and ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from jobs.providers.answer import Answer
from jobs.providers.base import UPGRADES, Echo, Kind, Part, Result, Snapshot, State
from jobs.providers.errors import NotAccepted, Refused
from jobs.providers.kie.envelope import LATER, Code, Envelope, raise_for_door
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
NO_REASON = "kie.ai gave no reason."
NO_LINK = "Finished, but without a usable link."
RESOLUTIONS = ("720p", "1080p", "4k")
EXTEND_MODELS = {"veo3_fast": "fast", "veo3": "quality", "veo3_lite": "lite"}
"""Our names of the models, which are those of `generate`, to the names that `extend` knows."""
_OUR_MODELS = {theirs: ours for ours, theirs in EXTEND_MODELS.items()}

_GENERATING, _SUCCESS, _FAILURES = 0, 1, (2, 3)
_ASK_LATER = (Code.SERVER_ERROR, Code.FEATURE_OFF)
_FAILED = (Code.UPSTREAM_SILENT, Code.NO_IMAGE, Code.GENERATION_FAILED)


def snapshot(answer: Answer, asked: str, kind: str = Kind.GENERATE) -> Snapshot:
    """Read record-info about the work `asked`. A flag counts for more than a code."""
    envelope = Envelope.of(answer)
    told = record(envelope, asked, kind)
    if told is not None:
        return told
    if envelope.code == Code.GOOD:
        gone = envelope.has_data and envelope.data is None
        return Snapshot(State.MISSING if gone else State.UNCLEAR)
    return by_code(envelope)


def record(envelope: Envelope, asked: str, kind: str) -> Snapshot | None:
    """The record in an answer of record-info; None where there is none."""
    data = as_object(envelope.data)
    if data is None:
        return None
    named = pick(data, "taskId", "task_id")
    if named is not None and named != asked:
        return Snapshot(State.UNCLEAR, error="The answer is about other work.")
    flag = whole(pick(data, "successFlag", "success_flag"))
    if envelope.code == Code.GOOD or flag in (_SUCCESS, *_FAILURES):
        return _by_flag(flag, data, kind)
    return None


def _by_flag(flag: int | None, data: Mapping[str, object], kind: str) -> Snapshot:
    results = files(data, kind, UPGRADES.get(kind, "")) if flag == _SUCCESS else ()
    code = pick(data, "errorCode", "error_code")
    error = clean(pick(data, "errorMessage", "error_message"))
    if flag == _GENERATING:
        state = State.RUNNING
    elif flag == _SUCCESS:
        state = State.SUCCEEDED if results else State.UNCLEAR
        error = error or ("" if results else NO_LINK)
    elif flag in _FAILURES:
        state, error = State.FAILED, error or NO_REASON
    else:
        state = State.UNCLEAR
    return Snapshot(
        state,
        results=results,
        error_code=clean(code if isinstance(code, str) else str(whole(code) or "")),
        error=error,
        provider_credits=charge(data),
        echo=_echo(data),
        fallback=_is_fallback(data),
    )


def charge(data: Mapping[str, object]) -> Decimal | None:
    """The credits that kie says it took; a callback of 4K does, a record does not."""
    return amount(pick(data, "creditsConsumed", "credits_consumed"))


def _is_fallback(data: Mapping[str, object]) -> bool:
    return pick(data, "fallbackFlag", "fallback_flag") is True


def by_code(envelope: Envelope) -> Snapshot:
    """An error code instead of a record, of whichever API. Only documented words may end a job."""
    raise_for_door(envelope)
    code = envelope.code
    if code in _ASK_LATER or (code is None and not envelope.good):
        raise NotAccepted(envelope.summary, user_message=LATER, retry_after=envelope.retry_after)
    bad_input = code == Code.BAD_REQUEST and envelope.says(INPUT_WORDS)
    if envelope.is_about_content or bad_input or code in _FAILED:
        state = State.FAILED
    elif envelope.is_about_no_record:
        state = State.MISSING
    else:
        state = State.UNCLEAR
    reason = envelope.reason or (NO_REASON if state is State.FAILED else "")
    return Snapshot(state, error_code="" if code is None else str(code), error=reason)


def files(data: Mapping[str, object], kind: str, resolution: str = "") -> tuple[Result, ...]:
    """The finished files in a record or an answer: one of each part, the film first.

    After an extension `fullResultUrls` is the whole film and `resultUrls` only its new end; of any
    other work `fullResultUrls` says nothing. `originUrls`, the uncropped source, nobody asked for.
    """
    response = as_object(pick(data, "response", "info")) or {}
    places = (response, data)
    if not resolution:
        told = "720p" if _is_fallback(data) else clean(response.get("resolution")).lower()
        resolution = told if told in RESOLUTIONS else ""
    made = _first(places, "resultUrls", "result_urls", "resultUrl", "result_url")
    links = {Part.FILM: made}
    if kind == Kind.EXTEND:
        whole_film = _first(places, "fullResultUrls", "full_result_urls")
        links = {Part.FILM: whole_film, Part.SEGMENT: "" if made == whole_film else made}
    return tuple(
        Result(url=url, resolution=resolution, part=part) for part, url in links.items() if url
    )


def _first(places: tuple[Mapping[str, object], ...], *names: str) -> str:
    """The first valid link under any of these names; '' where there is none."""
    for place in places:
        for name in names:
            if urls := media_urls(place.get(name)):
                return urls[0]
    return ""


def _echo(data: Mapping[str, object]) -> Echo | None:
    """Our own request as kie repeats it; `promptJson` may be an object, a string, or broken."""
    params = as_object(pick(data, "paramJson", "param_json", "promptJson", "prompt_json"))
    if params is None:
        return None
    model = _string(params.get("model"))
    echo = Echo(
        prompt=_string(params.get("prompt")),
        seed=whole(pick(params, "seeds", "seed")),
        callback_url=_string(pick(params, "callBackUrl", "callbackUrl", "callback_url")),
        model=None if model is None else _OUR_MODELS.get(model, model),
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
        user_message=(
            "kie.ai no longer has a link for this file: it keeps files for 14 days."
            f"{said(envelope.reason)}"
        ),
    )


def balance(answer: Answer) -> Decimal | None:
    """The figure of chat/credit, or None. Raises KeyRejected, and NotAccepted for "ask later"."""
    envelope = Envelope.of(answer)
    raise_for_door(envelope)
    if envelope.code != Code.GOOD:
        raise NotAccepted(envelope.summary, user_message=LATER)
    return amount(envelope.data)


def uploaded_url(answer: Answer) -> str:
    """The address of an uploaded file. Raises KeyRejected, and else only NotAccepted."""
    envelope = Envelope.of(answer)
    raise_for_door(envelope)
    data = as_object(envelope.data) or {}
    # `fileUrl` stands in the quickstart alone and was never seen on the wire.
    url = _first((data,), "downloadUrl", "download_url", "fileUrl")
    if envelope.code != Code.GOOD or not url:
        raise NotAccepted(
            envelope.summary,
            user_message=f"kie.ai didn’t accept the image.{said(envelope.reason)}",
            retry_after=envelope.retry_after,
        )
    return url
