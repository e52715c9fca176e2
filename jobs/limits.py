"""Count what people, visitors and addresses do against the limits of `floods`.

One row says when somebody has used up nothing any more, and one conditional UPDATE moves it, by the
database's clock: exact across all processes, whatever the cache is. A try that is refused writes
nothing and waits for no lock. (GCRA, the generic cell rate algorithm.)
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest, Now
from django.utils.crypto import salted_hmac

from jobs.models import LimitUse, prepared
from jobs.net.floods import Limit, Rate
from jobs.times import clock, moments

__all__ = [
    "Limit",
    "TooMany",
    "check",
    "give_back",
    "give_back_all",
    "take",
    "take_all",
    "tidy",
]

KEPT_SECONDS = 3600
MICROSECOND = timedelta(microseconds=1)
Who = str | int | UUID
Count = tuple[Limit, *tuple[Who, ...]]


class TooMany(Exception):
    """The limit is reached. `user_message` says so, `seconds` when there is room again."""

    def __init__(self, limit: Limit, seconds: int) -> None:
        super().__init__(limit.name)
        self.limit = limit
        self.seconds = seconds

    @property
    def user_message(self) -> str:
        return f"{self.limit.sentence} Try again {moments.in_a_while(self.seconds)}."


def take(limit: Limit, *who: Who, amount: int = 1) -> None:
    """Use up `amount` of a limit, or raise `TooMany` and use up nothing.

    What is taken inside of a transaction that is undone was not taken: count tries outside.
    """
    rate = settings.LIMITS[limit.name]
    if rate is None:
        return
    row = _row(limit, who)
    span = _span(rate, amount)
    while True:
        if wait := _wait(rate, span, row):
            raise TooMany(limit, wait)
        if LimitUse.objects.filter(
            **row, used_until__lte=clock.after((_whole(rate) - span).total_seconds())
        ).update(used_until=clock.later(Greatest("used_until", Now()), span.total_seconds())):
            return
        # It is new, or others have just taken the rest.
        LimitUse.objects.bulk_create([LimitUse(**row, used_until=Now())], ignore_conflicts=True)


def take_all(*counts: Count) -> None:
    """Take one of each, or raise `TooMany` and take none; where one is refused, nothing is written.

    A count is a limit and who it is counted for.
    """
    for each in counts:
        check(*each)
    # One wait for the disk.
    with transaction.atomic():
        for each in counts:
            take(*each)


def give_back_all(*counts: Count) -> None:
    """Undo a `take_all`."""
    with transaction.atomic():
        for each in counts:
            give_back(*each)


def check(limit: Limit, *who: Who, amount: int = 1) -> None:
    """Raise `TooMany` where `take` would, and take nothing."""
    rate = settings.LIMITS[limit.name]
    if rate and (wait := _wait(rate, _span(rate, amount), _row(limit, who))):
        raise TooMany(limit, wait)


def give_back(limit: Limit, *who: Who, amount: int = 1) -> None:
    """Undo a `take`, of what turned out not to count."""
    if rate := settings.LIMITS[limit.name]:
        less = clock.later(F("used_until"), -_span(rate, amount).total_seconds())
        LimitUse.objects.filter(**_row(limit, who)).update(used_until=less)


def tidy() -> None:
    """Remove what says nothing any more."""
    LimitUse.objects.filter(used_until__lt=clock.after(-KEPT_SECONDS)).delete()


def _row(limit: Limit, who: tuple[Who, ...]) -> dict[str, str]:
    mixed = "\n".join(str(each) for each in who)
    hidden = salted_hmac("jobs.limits", mixed, algorithm="sha256").hexdigest()
    return {"limit": limit.name, "who": hidden}


def _wait(rate: Rate, span: timedelta, row: dict[str, str]) -> int:
    """Whole seconds until there is room; 0 for now."""
    found = prepared.rows("used up", _used, row["limit"], row["who"])
    if span > _whole(rate):
        return rate.seconds  # more than there ever is
    if not found:
        return 0
    ((used_until, now),) = found
    return max(math.ceil((used_until + span - _whole(rate) - now).total_seconds()), 0)


def _used(limit: str, who: str) -> QuerySet[LimitUse, tuple[datetime, datetime]]:
    return LimitUse.objects.filter(limit=limit, who=who).values_list("used_until", Now())


def _span(rate: Rate, amount: int) -> timedelta:
    """The time in which `amount` comes back, rounded up."""
    return MICROSECOND * -(-amount * rate.seconds * 1_000_000 // rate.most)


def _whole(rate: Rate) -> timedelta:
    """The time in which all of it comes back: as many single ones as there are fit exactly."""
    one = _span(rate, 1) // MICROSECOND
    return timedelta(seconds=rate.seconds) + MICROSECOND * min(rate.most, one - 1)
