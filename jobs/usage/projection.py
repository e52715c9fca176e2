"""The credits spent by the end of a stretch of days, if they go on as they began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jobs.usage.filters import UsageFilter

DAYS_MIN = 3
"""After fewer days one good morning would make a month."""


@dataclass(frozen=True, slots=True)
class Projection:
    """What was spent ÷ the days so far × all days, today included."""

    spent: int
    days_so_far: int
    days: int
    end: date
    """The last day."""

    @property
    def credits(self) -> int:
        return _rounded(self.spent * self.days, self.days_so_far)

    @property
    def per_day(self) -> int:
        return _rounded(self.spent, self.days_so_far)

    @property
    def is_early(self) -> bool:
        """Nobody can tell yet."""
        return self.days_so_far < DAYS_MIN


def projection_of(wanted: UsageFilter, spent: int, today: date) -> Projection | None:
    """Of a stretch of days that has begun and goes on; None of what is over, or of whole years."""
    if wanted.in_months or not wanted.start <= today < wanted.end:
        return None
    return Projection(spent, (today - wanted.start).days + 1, wanted.days, wanted.end)


def _rounded(whole: int, by: int) -> int:
    """Halves up."""
    return (2 * whole + by) // (2 * by)
