"""Waits until nothing moves any more."""

from __future__ import annotations

import time

from jobs.models import Job, Rendition
from jobs.models.jobs.status import Status
from tests.tools.soak.driver import persistently
from tests.tools.soak.machines.surroundings import Stage

QUIET_SECONDS = 12
"""Longer than the latest callback takes to come and to be looked into."""
PAUSE_SECONDS = 1.0


def settled(stage: Stage, seconds: float) -> float:
    """How long it took; at most `seconds`."""
    start = still = time.monotonic()
    while (now := time.monotonic()) - start < seconds:
        if persistently(_moving) or _under_way(stage):
            still = now
        elif now - still > QUIET_SECONDS:
            break
        time.sleep(PAUSE_SECONDS)
    return time.monotonic() - start


def _moving() -> int:
    jobs = Job.objects.filter(status__in=[Status.QUEUED, Status.SUBMITTING, Status.RUNNING])
    files = Rendition.objects.filter(state__in=["waiting", "fetching"])
    return jobs.count() + files.count()


def _under_way(stage: Stage) -> bool:
    return any(task["ended"] is None for task in stage.provider_state()["tasks"])
