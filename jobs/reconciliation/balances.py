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
from django.utils import timezone

from jobs.lifecycle.outcome.resolving import WRITTEN_OFF
from jobs.models import BalanceReading, Job
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS
from jobs.reconciliation.span import Span

SPAN_MAX = timedelta(days=1)
DOUBT = timedelta(hours=1)
"""A job in doubt was charged within this after it was sent, or not at all."""
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


class _Work(NamedTuple):
    """A job on an account: when it can have been charged, and the least and most of it."""

    start: datetime
    end: datetime
    job_id: UUID
    low: Decimal
    high: Decimal
    refund: Decimal
    """The most that may have come back at its end, of what was taken at its start."""
    is_doubtful: bool


def movements(span: Span) -> Movements:
    """Read the movements of the month from the readings, account by account."""
    readings = _readings(span)
    accounts: dict[tuple[str, str], list[BalanceReading]] = defaultdict(list)
    for reading in readings:
        accounts[reading.provider, reading.account].append(reading)
    works = _works(accounts, span)
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


def _works(
    accounts: dict[tuple[str, str], list[BalanceReading]], span: Span
) -> dict[tuple[str, str], list[_Work]]:
    """The jobs of each account. Those whose key is gone belong to the accounts whose key is gone:
    for certain where that is one, else each may explain something in any of them.
    """
    owners: dict[int, set[tuple[str, str]]] = defaultdict(set)
    orphaned: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for account, rows in accounts.items():
        for row in rows:
            if row.credential_id:
                owners[row.credential_id].add(account)
            elif account not in orphaned[account[0]]:
                orphaned[account[0]].append(account)
    found: dict[tuple[str, str], list[_Work]] = defaultdict(list)
    if not accounts:
        return found
    first = min(rows[0].read_at for rows in accounts.values())
    longest = max(PROVIDERS[provider].retention for provider, _ in accounts)
    lost_key = Q(credential=None, provider__in=list(orphaned))
    jobs = Job.objects.filter(
        Q(credential__in=list(owners)) | lost_key,
        practice=settings.PRACTICE,
        sent_at__gte=first - longest,
        sent_at__lt=span.end,
    ).order_by()
    for job in jobs.values_list(
        "provider",
        "credential",
        "pk",
        "status",
        "error_code",
        "sent_at",
        "finished_at",
        "quote",
        "charged",
        "provider_credits_charged",
        "provider_credits_estimated",
        named=True,
    ).iterator(5000):
        # A key that was replaced had another account before, whose readings end there.
        possible = list(owners[job.credential]) if job.credential else orphaned[job.provider]
        is_sure = bool(job.credential) or len(possible) == 1
        for account in possible:
            work = _work(
                job.pk,
                job.status,
                job.error_code,
                # Only those that were sent are asked for.
                sent_at=job.sent_at,  # type: ignore[arg-type]
                finished_at=job.finished_at,
                quote=job.quote,
                charged=job.charged,
                provider_charged=job.provider_credits_charged,
                provider_estimated=job.provider_credits_estimated,
                is_sure=is_sure,
            )
            found[account].append(work)
    return found


def _work(
    job_id: UUID,
    status: str,
    error_code: str,
    *,
    sent_at: datetime,
    finished_at: datetime | None,
    quote: int,
    charged: int | None,
    provider_charged: Decimal | None,
    provider_estimated: Decimal | None,
    is_sure: bool,
) -> _Work:
    """In the provider's credits where it named any, else in ours."""
    price = provider_estimated or Decimal(quote)
    cost = provider_charged if provider_charged is not None else charged
    in_doubt = status in (Status.UNCERTAIN, Status.LOST) or error_code == WRITTEN_OFF
    nothing = Decimal(0)
    if cost is None or in_doubt:
        end = finished_at or timezone.now()
        if in_doubt:
            end = min(end, sent_at + DOUBT)
        return _Work(
            start=sent_at,
            end=max(end, sent_at),
            job_id=job_id,
            low=nothing,
            high=price,
            refund=nothing,
            is_doubtful=True,
        )
    end = max(finished_at or sent_at, sent_at)
    cost = Decimal(cost)
    return _Work(
        start=sent_at,
        end=end,
        job_id=job_id,
        low=cost if is_sure else nothing,
        high=cost,
        refund=nothing if cost else price,
        is_doubtful=not is_sure,
    )


def _stretches(
    points: Sequence[_Point], work: Sequence[_Work]
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
    work: Sequence[_Work],
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
