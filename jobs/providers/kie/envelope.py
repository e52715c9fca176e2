"""kie.ai's envelope, `{"code", "msg", "data"}`, and what its codes prove.

The same codes have three readers, because they prove different things: after a paid POST (here) a
refusal must be beyond doubt, after a question (kie_reading) nothing unknown may end a job, and the
upgrades (kie_upgrades) say good things with bad codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus

from jobs.providers.answer import Answer
from jobs.providers.base import Receipt
from jobs.providers.errors import (
    REPLACE_KEY,
    BadRequest,
    ContentBlocked,
    KeyRejected,
    Maintenance,
    ModelGone,
    OutcomeUnknown,
    OutOfProviderCredits,
    ProviderError,
    RateLimited,
    Refused,
)
from jobs.providers.reading import as_object, clean, external_id, pick, said, whole


class Code(IntEnum):
    """kie's own numbers, mostly but not always what HTTP means by them."""

    GOOD = 200
    BAD_REQUEST = 400
    BAD_KEY = 401
    NO_CREDITS = 402
    UNKNOWN = 404
    UPSTREAM_SILENT = 408
    """Nothing came from upstream for ten minutes."""
    INVALID = 422
    TOO_MANY = 429
    TOO_OFTEN = 430
    """Undocumented: "Your call frequency is too high"."""
    KEY_LIMIT = 433
    NO_IMAGE = 451
    MAINTENANCE = 455
    SERVER_ERROR = 500
    GENERATION_FAILED = 501
    FEATURE_OFF = 505


RATE_LIMITS = (Code.TOO_MANY, Code.TOO_OFTEN)
CONTENT_WORDS = ("flow(", "content polic", "flagged", "unsafe", "prominent people", "minor upload")
"""Of 400 and 422: the prompt or an image was turned down."""
MISSING_WORDS = (
    "record is null",
    "recordinfo is null",
    "within 14 days",
    "record does not exist",
)
"""Of 422. "record result data is blank" and its like speak of a record that is there, and so of
nothing that is certain."""
GONE_WORDS = ("no longer available",)
"""Of 404 and 422: the model was taken off the list."""
_OTHERS_GONE = ("image", "video", "account", "plan", "region", "country", "key")
"""What else can be available no longer, and for somebody alone."""
_AT_THE_DOOR = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS)
LATER = "kie.ai couldn’t answer just now. We check again automatically; nothing is lost."


@dataclass(frozen=True, slots=True)
class Envelope:
    """One answer of kie, in our words."""

    code: int | None
    reason: str
    data: object
    has_data: bool
    status: int
    good: bool
    """HTTP says 2xx."""
    retry_after: float | None

    @classmethod
    def of(cls, answer: Answer) -> Envelope:
        """Read an answer; of one that is no envelope only HTTP 401 and 429 mean something.

        HTTP defines those two as "turned away at the door"; any other bare status may come from
        something between kie and us, and proves nothing about the work.
        """
        body = answer.body or {}
        code = whole(body.get("code"))
        if code is None and answer.status in _AT_THE_DOOR:
            code = answer.status
        return cls(
            code=code,
            reason=clean(pick(body, "msg", "message")),
            data=body.get("data"),
            has_data="data" in body,
            status=answer.status,
            good=answer.good,
            retry_after=answer.retry_after,
        )

    @property
    def summary(self) -> str:
        """For logs."""
        return f"code {self.code}: {self.reason}"

    @property
    def is_about_content(self) -> bool:
        """The prompt or an image was turned down."""
        return self.code in (Code.BAD_REQUEST, Code.INVALID) and self.says(CONTENT_WORDS)

    @property
    def is_about_no_record(self) -> bool:
        """kie knows no such work, or no longer."""
        gone = self.code == Code.INVALID and self.says(MISSING_WORDS)
        return gone or self.code == Code.UNKNOWN

    @property
    def is_about_a_gone_model(self) -> bool:
        """kie has the model no longer, for nobody: an image can be gone as well, or a plan."""
        words = self.code in (Code.UNKNOWN, Code.INVALID) and self.says(GONE_WORDS)
        return words and self.says(("model",)) and not self.says(_OTHERS_GONE)

    def says(self, words: tuple[str, ...]) -> bool:
        reason = self.reason.lower()
        return any(word in reason for word in words)


def receipt(answer: Answer, *, extends: bool = False) -> Receipt:
    """The receipt of a paid POST. Raises what `refusal` makes of anything else."""
    envelope = Envelope.of(answer)
    data = as_object(envelope.data)
    named = pick(data, "taskId", "task_id") if data is not None else None
    task = external_id(named)
    if envelope.code == Code.GOOD and task is not None:
        return Receipt(task)
    if envelope.code == Code.GOOD:
        raise OutcomeUnknown("accepted without a valid task id")
    if named is not None:
        # "No, and here is the task": whatever that is, it does not prove that nothing was made.
        raise OutcomeUnknown(f"code {envelope.code} together with task {task or 'of no valid id'}")
    raise refusal(envelope, extends=extends)


_REFUSALS: dict[int, tuple[type[ProviderError], str]] = {
    Code.BAD_REQUEST: (
        BadRequest,
        "kie.ai did not accept these settings. Change them, then retry.",
    ),
    Code.BAD_KEY: (
        KeyRejected,
        f"kie.ai did not accept the key.{REPLACE_KEY}",
    ),
    Code.NO_CREDITS: (
        OutOfProviderCredits,
        "The kie.ai account has run out of credits. Top it up at kie.ai, then retry.",
    ),
    Code.UNKNOWN: (
        BadRequest,
        "kie.ai doesn’t recognize these settings. Choose another model, then retry.",
    ),
    Code.INVALID: (
        BadRequest,
        "kie.ai did not accept these settings. Change them, then retry.",
    ),
    Code.TOO_MANY: (
        RateLimited,
        "kie.ai asked us to slow down. It will be sent again automatically.",
    ),
    Code.TOO_OFTEN: (
        RateLimited,
        "kie.ai asked us to slow down. It will be sent again automatically.",
    ),
    # The key's fault although the key is genuine: every other job with it would be stopped in
    # the same way, until somebody raises the limit or replaces the key.
    Code.KEY_LIMIT: (
        KeyRejected,
        (
            "This key has reached a limit set on it at kie.ai: an hourly, daily or total cap, or "
            "its list of allowed addresses. Raise it there, or use another key."
        ),
    ),
    Code.NO_IMAGE: (
        BadRequest,
        "kie.ai couldn’t fetch an image. Choose another one, then retry.",
    ),
    Code.MAINTENANCE: (
        Maintenance,
        "kie.ai is down for maintenance. It will be sent again automatically.",
    ),
    Code.FEATURE_OFF: (
        BadRequest,
        "kie.ai has turned this feature off. Choose another model or setting, then retry.",
    ),
}
_BLOCKED = (
    ContentBlocked,
    "kie.ai turned down the prompt or an image. Change it, then retry.",
)
_GONE = (
    ModelGone,
    "kie.ai no longer has this model. Choose another one, then retry.",
)
_NO_SOURCE = (
    Refused,
    "kie.ai no longer has the video this builds on: it keeps videos for 14 days.",
)


def refusal(envelope: Envelope, *, extends: bool = False) -> ProviderError:
    """Read what a paid request's answer proves, given that it names no task.

    Missing from the table are 500, 501 and 408: they may well come from work that had begun, and
    so may every code that nobody documented. All of these are OutcomeUnknown.
    """
    known = _REFUSALS.get(envelope.code or 0)
    if known is None:
        return OutcomeUnknown(f"HTTP {envelope.status}, {envelope.summary}")
    if envelope.is_about_content:
        known = _BLOCKED
    elif extends and envelope.is_about_no_record:
        known = _NO_SOURCE
    elif envelope.is_about_a_gone_model and not extends:
        known = _GONE
    kind, message = known
    return kind(
        envelope.summary,
        user_message=f"{message} Nothing was charged.{said(envelope.reason)}",
        retry_after=envelope.retry_after,
    )


def raise_for_door(envelope: Envelope) -> None:
    """Raise for the codes that say the same to every question: about the key, or "not now"."""
    if envelope.code in (Code.BAD_KEY, Code.KEY_LIMIT):
        _, message = _REFUSALS[envelope.code]
        raise KeyRejected(envelope.summary, user_message=f"{message}{said(envelope.reason)}")
    if envelope.code in RATE_LIMITS:
        raise RateLimited(envelope.summary, user_message=LATER, retry_after=envelope.retry_after)
    if envelope.code == Code.MAINTENANCE:
        raise Maintenance(envelope.summary, user_message=LATER, retry_after=envelope.retry_after)
