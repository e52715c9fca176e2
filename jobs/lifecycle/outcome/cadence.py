"""The pauses between questions about a job: soon at first, then ever less, never in step."""

from __future__ import annotations

import random

from django.conf import settings

from jobs.providers.models import ORDINARY, Pace

LATE_SECONDS = 300.0
LATE_FACTOR = 4


def first_check_seconds(pace: Pace = ORDINARY) -> float:
    """Seconds after the acceptance until a job is asked about for the first time."""
    return float(settings.POLL_SECONDS_MIN * pace.pause_factor)


def next_check_seconds(
    age: float, usual: float, pace: Pace = ORDINARY, *, least: float = 0.0
) -> float:
    """Seconds until a job of this age (seconds) is asked about again, `least` or more.

    The interval grows with the age, a sixth of it, so a short job is noticed quickly and a long
    one costs few questions. Past four times the usual duration it is asked about ever more rarely.
    """
    floor = first_check_seconds(pace)
    late = age > LATE_FACTOR * usual
    interval = min(age / (2 if late else 6), LATE_SECONDS if late else pace.slowest_seconds)
    if age > 24 * 3600:
        interval = 3600.0
    # Only ever later: POLL_SECONDS_MIN is the shortest interval, as promised.
    return max(interval, floor, least) * random.uniform(1.0, 1.2)  # noqa: S311
