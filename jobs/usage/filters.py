"""The jobs that a page of figures is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from jobs.ledger import today
from jobs.models import Job
from jobs.models.jobs.job import Jobs
from jobs.times.months import LAST_OF_EACH, months_before

DIMENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "person": "Person",
        "project": "Project",
        "provider": "Provider",
        "model": "Model",
        "kind": "Operation",
        "day": "Day",
    }
)
"""The ways to divide the figures, in words."""
NO_PROJECT = 0
DAYS_SHOWN_MAX = 62
"""More of them, and a chart shows months."""


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """A range of days and whatever narrows it down; an empty value does not."""

    start: date
    end: date
    """The last day."""
    by: str = "person"
    person: int | None = None
    project: int | None = None
    """`NO_PROJECT` for the jobs that are filed nowhere."""
    provider: str = ""
    model: str = ""
    kind: str = ""
    practice: bool | None = None

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def in_months(self) -> bool:
        return self.days > DAYS_SHOWN_MAX

    @property
    def is_of_jobs(self) -> bool:
        """It is narrowed by what a grant does not have: only jobs have a project."""
        return (
            self.project is not None
            or self.practice is not None
            or any((self.provider, self.model, self.kind))
        )

    def before(self) -> UsageFilter:
        """The stretch before, to compare with: as much of it as has passed of this one."""
        passed = (min(self.end, today()) - self.start).days + 1
        after = self.end + timedelta(days=1)
        # From any day that each month has, as the team's periods are.
        is_whole_months = self.start.day == after.day <= LAST_OF_EACH
        if not is_whole_months:
            start = self.start - timedelta(days=self.days)
            return replace(self, start=start, end=start + timedelta(days=max(passed, 1) - 1))
        number = 12 * (after.year - self.start.year) + after.month - self.start.month
        start = months_before(self.start, number).replace(day=self.start.day)
        if self.end <= today():
            return replace(self, start=start, end=self.start - timedelta(days=1))
        end = min(start + timedelta(days=max(passed, 1) - 1), self.start - timedelta(days=1))
        return replace(self, start=start, end=end)

    def conditions(self, path: str = "") -> dict[str, Any]:
        """The lookups that a job must fulfil; `path` leads to the job, such as `job__`."""
        found: dict[str, Any] = {"booked_on__range": (self.start, self.end)}
        if self.person is not None:
            found["payer"] = self.person
        if self.project is not None:
            found["paid_project"] = self.project or None
        for name in ("provider", "model", "kind"):
            if value := getattr(self, name):
                found[name] = value
        if self.practice is not None:
            found["practice"] = self.practice
        return {f"{path}{name}": value for name, value in found.items()}

    def jobs(self) -> Jobs:
        return Job.objects.filter(**self.conditions())
