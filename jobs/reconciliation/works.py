"""The jobs of each account: when each can have been charged, and the least and most of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from jobs.lifecycle.outcome.resolving import WRITTEN_OFF
from jobs.models import BalanceReading, Job
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS
from jobs.reconciliation.span import Span

DOUBT = timedelta(hours=1)
"""A job in doubt was charged within this after it was sent, or not at all."""


class Work(NamedTuple):
    """A job on an account: when it can have been charged, and the least and most of it."""

    start: datetime
    end: datetime
    job_id: UUID
    low: Decimal
    high: Decimal
    refund: Decimal
    """The most that may have come back at its end, of what was taken at its start."""
    is_doubtful: bool


def works_of(
    accounts: dict[tuple[str, str], list[BalanceReading]], span: Span
) -> dict[tuple[str, str], list[Work]]:
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
    found: dict[tuple[str, str], list[Work]] = defaultdict(list)
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
) -> Work:
    """In the provider's credits where it named any, else in ours."""
    price = provider_estimated or Decimal(quote)
    cost = provider_charged if provider_charged is not None else charged
    in_doubt = status in (Status.UNCERTAIN, Status.LOST) or error_code == WRITTEN_OFF
    nothing = Decimal(0)
    if cost is None or in_doubt:
        end = finished_at or timezone.now()
        if in_doubt:
            end = min(end, sent_at + DOUBT)
        return Work(
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
    return Work(
        start=sent_at,
        end=end,
        job_id=job_id,
        low=cost if is_sure else nothing,
        high=cost,
        refund=nothing if cost else price,
        is_doubtful=not is_sure,
    )
