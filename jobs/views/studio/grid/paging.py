"""The pages of the grid: where each begins and ends, as its address tells it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jobs.forms import digits
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.job_constraints import TAKES_MAX
from jobs.times import moments

PAGE_SIZE = 24
REACH = PAGE_SIZE + TAKES_MAX
"""So many jobs tell what is on a page: takes that it begins with it shows to their end."""
SHOWN_MAX = 10_000


class Passed(NamedTuple):
    """The end of a page: the moment of its last job, and how many of that moment were shown."""

    moment: datetime
    shown: int

    @property
    def written(self) -> str:
        """As an address tells it."""
        return f"{moments.as_number(self.moment)}-{self.shown}"


def read(written: str) -> Passed | None:
    """The end that an address tells; None where it tells none."""
    moment, _, number = written.partition("-")
    microseconds, shown = digits(moment, moments.NUMBER_LENGTH), digits(number)
    if microseconds is None or shown is None:
        return None
    return Passed(moments.of_number(microseconds), min(shown, SHOWN_MAX))


def near(jobs: Jobs, after: Passed | None) -> Jobs:
    """Of these, the newest first, the page that begins `after` another, and a few more: see `cut`.

    Found from where the page before ended, so that however many came before are not read.
    """
    if not after:
        return jobs[:REACH]
    # A microsecond more: SQLite keeps some moments with fewer digits than it is asked with.
    older = jobs.filter(created_at__lt=after.moment + moments.MICROSECOND)
    return older[after.shown : after.shown + REACH]


def cut(
    rows: Sequence[tuple[UUID, UUID | None, datetime]], after: Passed | None
) -> tuple[set[UUID], Passed | None]:
    """The jobs of a page and its end, None where nothing follows, of what is `near` it: each with
    its group of takes and its moment. Takes of one order stand on one page, the one they begin on.
    """
    end = min(PAGE_SIZE, len(rows))
    while 0 < end < len(rows) and rows[end][1] and rows[end][1] == rows[end - 1][1]:
        end += 1
    on_page = {row[0] for row in rows[:end]}
    return on_page, _end_of([row[2] for row in rows[:end]], after) if end < len(rows) else None


def _end_of(made: list[datetime], after: Passed | None) -> Passed:
    """That of a page of jobs that were made at these moments."""
    last = made[-1]
    shown = made.count(last)
    if after and after.moment == last:
        shown += after.shown
    return Passed(last, shown)
