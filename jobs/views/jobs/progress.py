"""The time that a job has taken, and how far it is: the provider's word, or our estimate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jobs.models import Job


@dataclass(frozen=True, slots=True)
class Progress:
    """One job at one moment. js/live.js goes on counting between two answers."""

    job: Job
    now: datetime

    @property
    def elapsed(self) -> int:
        """Seconds since it was sent, or since it was asked for while it waits."""
        since = self.job.sent_at or self.job.created_at
        return max(round(((self.job.finished_at or self.now) - since).total_seconds()), 0)

    @property
    def is_estimate(self) -> bool:
        """`percent` is our guess rather than the provider's word."""
        return self.job.progress is None

    @property
    def percent(self) -> int:
        """The progress. An estimate nears the end without ever claiming it."""
        if self.job.progress is not None:
            return min(self.job.progress, 100)
        usual = self.job.usual_seconds
        share = self.elapsed / usual
        return round(100 * share * 0.9) if share < 1 else min(90 + round(share * 2), 97)

    @property
    def seconds_left(self) -> int:
        """The usual duration less what has passed; 0 once that is over."""
        return max(self.job.usual_seconds - self.elapsed, 0)
