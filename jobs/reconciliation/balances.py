"""Account by account: how far its balance fell, against what our jobs on it explain.

Two moments at which the balance is known are compared where no job was under way, so that every
job lies wholly between them. On an account that is never quiet a day is cut off anyway; the jobs
that straddle the cut are then named and may explain anything up to their price.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Max, Q

from jobs.models import BalanceReading
from jobs.reconciliation.span import Span
from jobs.reconciliation.works import Work, works_of

SPAN_MAX = timedelta(days=1)
NAMED_MAX = 10


@dataclass(frozen=True, slots=True)
class Movement:
    """A stretch in which an account's balance did not move as our jobs say."""

    provider: str
    account: str
    since: datetime
    until: datetime
    before: Decimal
    after: Decimal
    explained: Decimal
    """The most that our jobs can have taken, or if less is missing the least."""
    name: str
    amount: Decimal
    jobs: int
    """The number of our jobs that were under way in it."""
    named: list[UUID]
    """Those that may or may not have been charged in it."""

    @property
    def fell(self) -> Decimal:
        return self.before - self.after

    @property
    def is_top_up(self) -> bool:
        return self.name == "topped up"


@dataclass(frozen=True, slots=True)
class Movements:
    unexplained: list[Movement]
    """Top-ups among them, which explain themselves."""
    agreed: int
    """Stretches in which something happened and everything is explained."""


class _Point(NamedTuple):
    at: datetime
    balance: Decimal


def movements(span: Span) -> Movements:
    """Read the movements of the month from the readings, account by account."""
    readings = _readings(span)
    accounts: dict[tuple[str, str], list[BalanceReading]] = defaultdict(list)
    for reading in readings:
        accounts[reading.provider, reading.account].append(reading)
    works = works_of(accounts, span)
    found: list[Movement] = []
    agreed = 0
    for account, rows in accounts.items():
        work = sorted(works[account])
        for first, last, rose in _stretches(_points(rows, span), work):
            if last.at < span.start:
                continue
            movement = _compare(account, first, last, work, rose=rose)
            if movement and movement.name:
                found.append(movement)
            elif movement:
                agreed += 1
    return Movements(sorted(found, key=lambda each: each.until, reverse=True), agreed)


def _readings(span: Span) -> list[BalanceReading]:
    """The month's, and of each account the last one before: what fell since then is the month's."""
    rows = BalanceReading.objects.filter(practice=settings.PRACTICE)
    if span.provider:
        rows = rows.filter(provider=span.provider)
    earlier = rows.filter(seen_at__lt=span.start).order_by().values("provider", "account")
    last = earlier.annotate(last=Max("pk")).values("last")
    return list(
        rows.filter(Q(read_at__lt=span.end, seen_at__gte=span.start) | Q(pk__in=last)).order_by(
            "provider", "account", "read_at", "pk"
        )
    )


def _points(rows: Sequence[BalanceReading], span: Span) -> list[_Point]:
    """Every moment at which the balance is known."""
    points = []
    for row in rows:
        first, last = row.read_at, min(row.seen_at, span.end)
        if first < span.start <= last:
            first = span.start
        points.append(_Point(first, row.balance))
        if last > first:
            points.append(_Point(last, row.balance))
    return points


def _stretches(
    points: Sequence[_Point], work: Sequence[Work]
) -> Iterator[tuple[_Point, _Point, bool]]:
    """From one quiet moment to the next, and whether the balance ever rose between them."""
    starts = [each.start for each in work]
    ends = sorted(each.end for each in work)
    rose = False
    first = points[0]
    for before, point in pairwise(points):
        rose = rose or point.balance > before.balance
        is_quiet = bisect_left(starts, point.at) == bisect_right(ends, point.at)
        if is_quiet or point.at - first.at >= SPAN_MAX or point is points[-1]:
            yield first, point, rose
            first, rose = point, False


def _compare(
    account: tuple[str, str],
    first: _Point,
    last: _Point,
    work: Sequence[Work],
    *,
    rose: bool,
) -> Movement | None:
    """Explain one stretch; its name is empty if all of it is explained."""
    low = high = Decimal(0)
    named: list[UUID] = []
    until = bisect_left(work, last.at, key=lambda each: each.start)
    within = [each for each in work[:until] if each.end > first.at or each.start >= first.at]
    for each in within:
        straddles = each.start < first.at or each.end > last.at
        # What failed may have been charged on one side of the cut and refunded on the other.
        low += -each.refund if straddles else each.low
        high += each.high + (each.refund if straddles else 0)
        if straddles or each.is_doubtful:
            named.append(each.job_id)
    fell = first.balance - last.balance
    if not within and not fell:
        return None
    name, amount = "", Decimal(0)
    if fell > high:
        name, amount = "fell by more than our videos explain", fell - high
    elif fell < low and rose:
        name, amount = "topped up", low - fell
    elif fell < low:
        name, amount = "fell by less than our videos explain", low - fell
    return Movement(
        *account,
        since=first.at,
        until=last.at,
        before=first.balance,
        after=last.balance,
        explained=high if fell > high else low,
        name=name,
        amount=amount,
        jobs=len(within),
        named=named[:NAMED_MAX],
    )
