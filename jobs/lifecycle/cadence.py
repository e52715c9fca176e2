"""How often a running job is asked about: soon at first, then ever less, never in step."""

from __future__ import annotations

import random

from django.conf import settings

SLOWEST_SECONDS = 30.0
"""kie-veo.md section 3: about 30 s is the recommended cadence."""
LATE_SECONDS = 300.0
LATE_FACTOR = 4


def first_check_seconds() -> float:
    """How long after the acceptance a job is asked about for the first time."""
    return float(settings.POLL_SECONDS_MIN)


def next_check_seconds(age: float, usual: float) -> float:
    """Seconds until a job of this age (seconds) is asked about again.

    The interval grows with the age, a sixth of it, so a short job is noticed quickly and a long
    one costs few questions. Past four times the usual duration it is asked about rarely.
    """
    floor = float(settings.POLL_SECONDS_MIN)
    interval = LATE_SECONDS if age > LATE_FACTOR * usual else min(age / 6, SLOWEST_SECONDS)
    if age > 24 * 3600:
        interval = 3600.0
    # Only ever later: POLL_SECONDS_MIN is the shortest interval, as promised.
    return max(interval, floor) * random.uniform(1.0, 1.2)  # noqa: S311
