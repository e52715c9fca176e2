"""What it means that the bucket of kept files cannot be reached, for all who meet with it."""

from __future__ import annotations

import logging

from jobs.machine.outages import Outage

BUCKET = Outage(
    logging.getLogger(__name__),
    "The bucket can’t be reached (%s). Finished films wait on this machine until it is back.",
    "The bucket is back.",
    level=logging.CRITICAL,
    pause=2,
    lasts=300,
)


class Unreachable(OSError):
    """Nothing is known of a file, since what keeps it does not answer. Says why, for people."""

    def __init__(self, why: str = "the storage for videos can’t be reached") -> None:
        super().__init__(why)
