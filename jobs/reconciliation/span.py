"""What is looked at: a calendar month in TIME_ZONE, at one provider or at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Span:
    month: date
    """Its first day."""
    provider: str = ""

    @property
    def after(self) -> date:
        """The first day of the next month."""
        return (self.month + timedelta(days=32)).replace(day=1)

    @property
    def start(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.month, time()))

    @property
    def end(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.after, time()))
