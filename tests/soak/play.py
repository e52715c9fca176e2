"""The soak from the first click to the table."""

from __future__ import annotations

import time

from tests.soak import doubts, people, report
from tests.soak.books import Books
from tests.soak.chaos import Chaos
from tests.soak.driver import Driver
from tests.soak.faults import Draw
from tests.soak.quiet import settled
from tests.soak.stage import Stage

RESOLVE_SECONDS = 120


def play(
    stage: Stage, jobs: int, seed: int, *, kill_seconds: float, settle_seconds: float
) -> report.Told:
    """Order, break, wait; compare; resolve what is in doubt, and compare again."""
    started = time.monotonic()
    admin, draw = people.admin(), Draw(seed)
    driver = Driver(people.members(), draw)
    with Chaos(stage, kill_seconds) as chaos:
        driver.run(jobs, chaos.crash_database)
        ordered = time.monotonic() - started
        chaos.calm_down()
        settling = settled(stage, settle_seconds)
        end = Books(stage.provider_state(), driver.twice)
        resolved = doubts.settle(end, admin)
        settled(stage, min(RESOLVE_SECONDS, settle_seconds))
        after = Books(stage.provider_state(), driver.twice)
    spans = {"ordering": ordered, "settling": settling, "in all": time.monotonic() - started}
    counts = {
        "ordered": driver.made,
        "clicks": driver.done,
        "struck": draw.struck,
        "killed": chaos.done,
        "at the end": end.statuses(),
        "files": end.files(),
        "then": resolved,
        "after that": after.statuses(),
    }
    return report.tell(spans, counts, end, after)
