"""The span that is looked at: a calendar month in TIME_ZONE, at one provider or at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone

from jobs.times.months import month_after


@dataclass(frozen=True, slots=True)
class Span:
    month: date
    """Its first day."""
    provider: str = ""

    @property
    def after(self) -> date:
        """The first day of the next month."""
        return month_after(self.month)

    @property
    def start(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.month, time()))

    @property
    def end(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.after, time()))
