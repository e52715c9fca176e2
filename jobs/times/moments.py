"""Moments as people read them, with their hour and the zone it is meant in, and in addresses."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import ngettext

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NUMBER_LENGTH = 17
"""Digits of a moment as a number, for some thousand years."""


def as_number(moment: datetime) -> int:
    """A moment as it stands in addresses: exact, in microseconds since 1970."""
    return (moment - BEGINNING) // MICROSECOND


def of_number(number: int) -> datetime:
    """The moment that stands there so."""
    return BEGINNING + number * MICROSECOND


def local(end: date) -> datetime:
    """The moment in TIME_ZONE; of a day, at whose beginning something is over, its midnight."""
    if isinstance(end, datetime):
        return timezone.localtime(end)
    return timezone.make_aware(datetime.combine(end, time()))


def in_words(end: date) -> str:
    """5 Dec 2026, 11:14 CET; the zone by its distance from UTC where it has no letters."""
    moment = local(end)
    name = moment.tzname() or ""
    return f"{date_format(moment, 'j M Y, H:i')} {name if name.isalpha() else _distance(moment)}"


def of_day(moment: datetime) -> str:
    """14:02 of a moment of today; of any other with its day: 5 Dec, 14:02."""
    here = timezone.localtime(moment)
    is_today = here.date() == timezone.localdate()
    return date_format(here, "H:i" if is_today else "j M, H:i")


def zone(end: date) -> str:
    """The zone that a moment is told in, in full: Europe/Berlin (UTC+01:00)."""
    return f"{settings.TIME_ZONE} ({_distance(local(end))})"


def time_left(until: datetime, now: datetime) -> str:
    """The time for which something is still to be had, in the steps in which people count."""
    seconds = int((until - now).total_seconds())
    if seconds <= 0:
        return ""
    if seconds < 3600:
        return "less than an hour left"
    if seconds < 86_400:
        hours = seconds // 3600
        return ngettext("%d hour left", "%d hours left", hours) % hours
    days = seconds // 86_400
    return ngettext("%d day left", "%d days left", days) % days


def in_a_while(seconds: int) -> str:
    """The time after which something can be done again: in 5 minutes."""
    if seconds <= 60:
        return "in a minute"
    if seconds <= 3600:
        unit, name = 60, "minutes"
    elif seconds <= 86_400:
        unit, name = 3600, "hours"
    else:
        unit, name = 86_400, "days"
    return f"in {-(-seconds // unit)} {name}"


def _distance(moment: datetime) -> str:
    return f"UTC{moment.isoformat()[-6:]}"
