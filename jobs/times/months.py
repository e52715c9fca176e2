"""Months of the calendar, each named by its first day."""

from __future__ import annotations

from datetime import date, timedelta

LAST_OF_EACH = 28
"""The last day that every month has: what begins each month anew begins on none after it."""


def month_after(day: date) -> date:
    """The month after the one that the day lies in."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def months_before(day: date, number: int) -> date:
    """The month so many before the one that the day lies in."""
    year, month = divmod(12 * day.year + day.month - 1 - number, 12)
    return date(year, month + 1, 1)
