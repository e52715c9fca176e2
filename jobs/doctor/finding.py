"""One thing that was looked at, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether it is as our documents say."""

    AS_EXPECTED = "ok"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    """It could not be found out here and now."""


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    """What was looked at, after whom it is about: `kie.ai: balance`."""
    verdict: Verdict
    said: str
    """What was found, in a sentence without any secret."""


def ok(subject: str, said: str) -> Finding:
    return Finding(subject, Verdict.AS_EXPECTED, said)


def differs(subject: str, said: str) -> Finding:
    return Finding(subject, Verdict.DIFFERS, said)


def unknown(subject: str, said: str) -> Finding:
    return Finding(subject, Verdict.UNKNOWN, said)
