"""The soak from the first click to the table."""

from __future__ import annotations

import time

from tests.tools.soak import cast, doubts, summary
from tests.tools.soak.chaos import Chaos
from tests.tools.soak.driver import Driver
from tests.tools.soak.faults import Draw
from tests.tools.soak.machines.surroundings import Stage
from tests.tools.soak.quiet import settled
from tests.tools.soak.reckoning import Books


def play(
    stage: Stage, jobs: int, seed: int, *, kill_seconds: float, settle_seconds: float
) -> summary.Told:
    """Order, break, wait; compare; resolve what is in doubt, and compare again."""
    started = time.monotonic()
    admin, draw = cast.admin(), Draw(seed)
    driver = Driver(cast.members(), draw)
    with Chaos(stage, kill_seconds) as chaos:
        driver.run(jobs, chaos.strike_servers)
        ordered = time.monotonic() - started
        chaos.calm_down()
        settling = settled(stage, settle_seconds)
        end = Books(stage.provider_state(), driver.twice)
        resolved = doubts.settle(end, admin)
        # As long as before: an extension that is found now, and whose film never comes, is asked
        # about ten times with 20 s and more between.
        settled(stage, settle_seconds)
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
    return summary.tell(spans, counts, end, after)
