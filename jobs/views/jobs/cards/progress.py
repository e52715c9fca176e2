"""The time that a job has taken, and how far it is: the provider's word, or our estimate."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from jobs.models import Job
from jobs.templatetags import dailies

_TOKEN = secrets.token_hex(16)


class Ticks(Protocol):
    """What a card says that changes each second: as it is, or where it goes in a kept card."""

    @property
    def elapsed(self) -> int | str:
        """Seconds since it was sent, or since it was asked for while it waits."""

    @property
    def clock(self) -> str:
        """The same as people read it."""

    @property
    def is_estimate(self) -> bool:
        """`percent` is our guess rather than the provider's word."""

    @property
    def percent(self) -> int | str:
        """The progress. An estimate nears the end without ever claiming it."""

    @property
    def left(self) -> str:
        """The usual duration less what has passed, in words."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One job at one moment. js/live.js goes on counting between two answers."""

    job: Job
    now: datetime

    @property
    def elapsed(self) -> int:
        return elapsed(self.job.sent_at or self.job.created_at, self.job.finished_at or self.now)

    @property
    def clock(self) -> str:
        return dailies.clock(self.elapsed)

    @property
    def is_estimate(self) -> bool:
        return self.job.progress is None

    @property
    def percent(self) -> int:
        if self.job.progress is not None:
            return min(self.job.progress, 100)
        return estimate(self.elapsed, self.job.usual_seconds)

    @property
    def left(self) -> str:
        return left_in_words(max(self.job.usual_seconds - self.elapsed, 0))


WHEN = f"when-{_TOKEN}"
"""Stands in a kept card where its controls say when it was ordered, should another be called so."""


@dataclass(frozen=True, slots=True)
class Unticked:
    """A job at any moment: the seconds of a card that is kept go where these words stand."""

    job: Job

    elapsed = f"elapsed-{_TOKEN}"
    clock = f"clock-{_TOKEN}"
    left = f"left-{_TOKEN}"
    estimated = f"percent-{_TOKEN}"
    words = elapsed, clock, left, estimated

    @property
    def is_estimate(self) -> bool:
        return self.job.progress is None

    @property
    def percent(self) -> int | str:
        return self.estimated if self.job.progress is None else min(self.job.progress, 100)


def ticks(seconds: int, usual: int) -> dict[str, str]:
    """What is told in place of those words: so many seconds have passed, of so many usual ones."""
    return {
        Unticked.elapsed: str(seconds),
        Unticked.clock: dailies.clock(seconds),
        Unticked.left: left_in_words(max(usual - seconds, 0)),
        Unticked.estimated: str(estimate(seconds, usual)),
    }


def elapsed(since: datetime, until: datetime) -> int:
    """Whole seconds between these, none where they are the wrong way round."""
    return max(round((until - since).total_seconds()), 0)


def left_in_words(seconds: int) -> str:
    """The time it will still take, as exactly as one can know. js/live.js says the same."""
    if seconds > 90:
        return f"about {-(-seconds // 60)} min left"
    return f"about {-(-seconds // 10) * 10} s left" if seconds > 0 else "any moment now"


def estimate(seconds: int, usual: int) -> int:
    """Percent of a job of which the provider tells nothing."""
    share = seconds / max(usual, 1)
    return round(100 * share * 0.9) if share < 1 else min(90 + round(share * 2), 97)
