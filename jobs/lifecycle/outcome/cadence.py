"""The pauses between questions about a job: soon at first, then ever less, never in step."""

from __future__ import annotations

import random

from django.conf import settings

from jobs.providers.base import Kind

SLOWEST_SECONDS = 30.0
"""docs/contracts.md, kie 3: about 30 s is the recommended cadence."""
LATE_SECONDS = 300.0
LATE_FACTOR = 4


UPGRADE_FACTORS = {Kind.UPGRADE_1080P: 4, Kind.UPGRADE_4K: 6}
"""Times the shortest. docs/contracts.md, kie 4: 1080p every 20 to 30 s, 4K every 30 s or more."""


def first_check_seconds(kind: str = Kind.GENERATE) -> float:
    """Seconds after the acceptance until a job is asked about for the first time."""
    return float(settings.POLL_SECONDS_MIN * UPGRADE_FACTORS.get(Kind(kind), 1))


def next_check_seconds(age: float, usual: float, kind: str = Kind.GENERATE) -> float:
    """Seconds until a job of this age (seconds) is asked about again.

    The interval grows with the age, a sixth of it, so a short job is noticed quickly and a long
    one costs few questions. Past four times the usual duration it is asked about ever more rarely.
    """
    floor = first_check_seconds(kind)
    late = age > LATE_FACTOR * usual
    interval = min(age / (2 if late else 6), LATE_SECONDS if late else SLOWEST_SECONDS)
    if age > 24 * 3600:
        interval = 3600.0
    # Only ever later: POLL_SECONDS_MIN is the shortest interval, as promised.
    return max(interval, floor) * random.uniform(1.0, 1.2)  # noqa: S311
