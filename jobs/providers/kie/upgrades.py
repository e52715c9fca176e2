"""Read the answers to kie.ai's two upgrades, in which good and bad news share error codes.

Both calls may be repeated: asking again is the documented way to wait (docs/contracts.md, kie 4).
So an order already under way, or done, is an accepted one. After the first call a refusal must be
beyond doubt; after a later one nothing ends a job but documented words.
"""

from __future__ import annotations

from collections.abc import Mapping

from jobs.providers.answer import Answer
from jobs.providers.base import UPGRADES, Kind, Receipt, Result, Snapshot, State
from jobs.providers.errors import NotAccepted, OutcomeUnknown, OutOfProviderCredits, Refused
from jobs.providers.kie.envelope import LATER, Code, Envelope, raise_for_door, refusal
from jobs.providers.kie.records import NO_LINK, charge, files, record
from jobs.providers.reading import as_object, external_id, pick, said

_LINKS_COME_WITH = (Code.GOOD, Code.INVALID)
_WORDED = (Code.BAD_REQUEST, Code.INVALID)
UNDER_WAY_WORDS = ("is processing", "being generated", "check back", "generated successfully")
"""Of 400 and 422: the order stands, and may be done."""
NEVER_WORDS = (
    (
        "record status is not success",
        "kie.ai upgrades only videos that succeeded, and says this one didn’t.",
    ),
    ("fallback", "It was made with kie.ai’s fallback model, whose videos can’t be upgraded."),
)
"""Of 400 and 422: this video can never be had larger."""
_NO_RECORD_WORDS = ("record is null", "record does not exist")
_TOO_OLD_WORDS = ("within 14 days",)
_TOO_OLD = "kie.ai keeps videos for 14 days and no longer has this one."
_UNKNOWN = "kie.ai doesn’t have the video this was to be made from."
_NO_4K_WORDS = ("4k version of this video is unavailable",)
"""Of 500, which else means "later": documented for the callback of a failure."""
_CERTAIN = (
    Code.BAD_KEY,
    Code.NO_CREDITS,
    Code.KEY_LIMIT,
    Code.TOO_MANY,
    Code.TOO_OFTEN,
    Code.MAINTENANCE,
    Code.FEATURE_OFF,
)
_ASK_LATER = (Code.SERVER_ERROR, Code.FEATURE_OFF, Code.UPSTREAM_SILENT)


def receipt(answer: Answer, kind: Kind, source: str) -> Receipt:
    """The receipt of the first call. Raises Refused, NotAccepted or OutcomeUnknown.

    1080P has no id of its own, and of 4K it is unsure whether it has: else the source's id serves.
    """
    envelope = Envelope.of(answer)
    data = as_object(envelope.data) or {}
    task = external_id(pick(data, "taskId", "task_id"))
    if _is_ordered(envelope, data, kind):
        return Receipt(task if kind == Kind.UPGRADE_4K and task else source)
    if task not in (None, source):
        raise OutcomeUnknown(f"code {envelope.code} together with task {task}")
    reason = _never(envelope) or _gone(envelope)
    if reason:
        raise Refused(
            envelope.summary,
            user_message=f"{reason} Nothing was charged.{said(envelope.reason)}",
        )
    if envelope.code in _CERTAIN or _is_no_to_4k(envelope, kind):
        raise refusal(envelope)
    if kind == Kind.UPGRADE_1080P and _is_any_error(envelope) and not _links(data, kind):
        return Receipt(source)
    raise OutcomeUnknown(f"HTTP {envelope.status}, {envelope.summary}")


def snapshot(answer: Answer, kind: Kind) -> Snapshot:
    """Read a repeated call. Raises KeyRejected, and NotAccepted for "ask again later"."""
    envelope = Envelope.of(answer)
    data = as_object(envelope.data) or {}
    results = _links(data, kind)
    if results:
        if envelope.code not in _LINKS_COME_WITH:
            return Snapshot(State.UNCLEAR, error="Links together with an error.")
        return Snapshot(State.SUCCEEDED, results=results, provider_credits=charge(data))
    raise_for_door(envelope)
    return _without_links(envelope, data, kind)


def own_record(answer: Answer, asked: str) -> Snapshot | None:
    """Read record-info about a 4K order; None where that settles nothing."""
    envelope = Envelope.of(answer)
    raise_for_door(envelope)
    told = record(envelope, asked, Kind.UPGRADE_4K)
    return None if told is None or told.state is State.UNCLEAR else told


def id_in_trouble(answer: Answer) -> str | None:
    """The order that an answer names together with an error that may be its end."""
    envelope = Envelope.of(answer)
    data = as_object(envelope.data) or {}
    in_order = envelope.code in _LINKS_COME_WITH
    return None if in_order else external_id(pick(data, "taskId", "task_id"))


def _without_links(envelope: Envelope, data: Mapping[str, object], kind: Kind) -> Snapshot:
    code = envelope.code
    if envelope.says(("generated successfully",)):
        return Snapshot(State.UNCLEAR, error=NO_LINK)
    if _is_ordered(envelope, data, kind):
        return Snapshot(State.RUNNING)
    if _is_missing(envelope):
        return Snapshot(State.MISSING, error_code=str(code), error=envelope.reason or _UNKNOWN)
    if reason := _end(envelope, kind):
        told = OutOfProviderCredits.code if code == Code.NO_CREDITS else str(code)
        return Snapshot(State.FAILED, error_code=told, error=reason + said(envelope.reason))
    if kind == Kind.UPGRADE_1080P and _is_any_error(envelope):
        return Snapshot(State.RUNNING)
    if code in _ASK_LATER or (code is None and not envelope.good):
        raise NotAccepted(envelope.summary, user_message=LATER, retry_after=envelope.retry_after)
    return Snapshot(State.UNCLEAR, error_code=str(code or ""), error=envelope.reason)


def _end(envelope: Envelope, kind: Kind) -> str:
    """The reason this video will not be had larger, where that is certain."""
    code = envelope.code
    if reason := _never(envelope) or _gone(envelope):
        return reason
    if code == Code.NO_CREDITS:
        return "The kie.ai account has run out of credits. Top it up at kie.ai, then retry."
    if code == Code.GENERATION_FAILED or (kind == Kind.UPGRADE_4K and code == Code.NO_IMAGE):
        return "kie.ai couldn’t upgrade the video."
    if code == Code.SERVER_ERROR and envelope.says(_NO_4K_WORDS):
        return "kie.ai has no 4K version of this video."
    return "kie.ai refused to upgrade the video." if _is_no_to_4k(envelope, kind) else ""


def _is_no_to_4k(envelope: Envelope, kind: Kind) -> bool:
    """4K is refused: every answer about an order that stands names its task (kie 4)."""
    return kind == Kind.UPGRADE_4K and envelope.code in _WORDED and envelope.data is None


def _is_ordered(envelope: Envelope, data: Mapping[str, object], kind: Kind) -> bool:
    """The order stands, by words or in the shape that is documented for it."""
    if _links(data, kind):
        return envelope.code in _LINKS_COME_WITH
    if envelope.code in _WORDED and envelope.says(UNDER_WAY_WORDS):
        return True
    shaped = any(name in data for name in ("taskId", "task_id", "resultUrls", "result_urls"))
    return kind == Kind.UPGRADE_4K and envelope.code == Code.GOOD and shaped


def _links(data: Mapping[str, object], kind: Kind) -> tuple[Result, ...]:
    return files(data, kind, UPGRADES[kind])


def _is_any_error(envelope: Envelope) -> bool:
    """It is an error code of kie's: each of them may mean that 1080P is not ready."""
    return envelope.code in tuple(Code) and envelope.code != Code.GOOD


def _is_missing(envelope: Envelope) -> bool:
    worded = envelope.code in _WORDED and envelope.says(_NO_RECORD_WORDS)
    return worded or envelope.code == Code.UNKNOWN


def _never(envelope: Envelope) -> str:
    if envelope.code in _WORDED:
        for words, reason in NEVER_WORDS:
            if envelope.says((words,)):
                return reason
    return ""


def _gone(envelope: Envelope) -> str:
    if envelope.code in _WORDED and envelope.says(_TOO_OLD_WORDS):
        return _TOO_OLD
    return _UNKNOWN if _is_missing(envelope) else ""
