"""Reads the lists, outside of any request and transaction, and keeps what has changed."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from jobs import directory
from jobs.models import FeedPrice, FeedReading
from jobs.providers import PROVIDERS
from jobs.providers.errors import ProviderError
from jobs.providers.price_feed import Feed, FeedRow, NotUnderstood
from jobs.times import clock

logger = logging.getLogger(__name__)

EVERY_SECONDS = 86_400
Outcome = FeedReading.Outcome


def claim_due() -> list[str]:
    """The providers whose list is to be read now; nobody else gets them for a day."""
    if not settings.PRICE_FEED:
        return []
    due = Q(tried_at=None) | Q(tried_at__lt=clock.after(-EVERY_SECONDS))
    claimed = []
    for name, provider in PROVIDERS.items():
        if provider.prices is None:
            continue
        row, _ = FeedReading.objects.get_or_create(provider=name, practice=settings.PRACTICE)
        if FeedReading.objects.filter(due, pk=row.pk).update(tried_at=Now()):
            claimed.append(name)
    return claimed


def read(name: str) -> None:
    """Read a claimed provider's list. What fails is noted, and tried again tomorrow."""
    try:
        feed = directory.prices(name)
    except NotUnderstood:
        logger.warning("the prices that %s publishes are not understood", name)
        _reading(name).update(outcome=Outcome.UNCLEAR)
    except ProviderError as error:
        logger.warning("the prices that %s publishes could not be read: %s", name, error)
        _reading(name).update(outcome=Outcome.AWAY)
    else:
        _keep(name, feed)


@transaction.atomic
def _keep(name: str, feed: Feed) -> None:
    """Have what is said once more be seen until now, and what is new be seen from now on."""
    declared = PROVIDERS[name].prices
    if declared is None:
        return
    now = timezone.now()
    ours = [row for row in feed.rows if declared.meaning(row.name, row.unit)]
    _reading(name).update(
        outcome=Outcome.READ,
        read_at=now,
        rows=len(feed.rows) + feed.unreadable,
        matched=len(ours),
        unreadable=feed.unreadable,
    )
    latest = {(row.name, row.unit): row for row in FeedPrice.objects.here(name)}
    same = [row for row in ours if _is_known(row, latest.get((row.name, row.unit)))]
    known = [latest[row.name, row.unit].pk for row in same]
    FeedPrice.objects.filter(pk__in=known).update(last_seen=now)
    FeedPrice.objects.bulk_create(
        FeedPrice(
            provider=name,
            practice=settings.PRACTICE,
            name=row.name,
            unit=row.unit,
            credits=row.credits,
            first_seen=now,
            last_seen=now,
        )
        for row in ours
        if row not in same
    )


def _is_known(row: FeedRow, latest: FeedPrice | None) -> bool:
    return latest is not None and latest.credits == row.credits


def _reading(name: str) -> QuerySet[FeedReading]:
    return FeedReading.objects.filter(provider=name, practice=settings.PRACTICE)
