"""How many seconds of film we keep of the jobs of a scope."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

from django.core.cache import cache
from django.db.models import Sum

from jobs.ledger import today
from jobs.models import Rendition
from jobs.providers.base import UPGRADES, Part
from jobs.usage.scope import Scope

REMEMBERED_AFTER = timedelta(days=31)


def kept_seconds(scope: Scope, succeeded: Counter[date]) -> Decimal:
    """Of the films that are kept of these jobs; `succeeded` says how many ended so on each day.

    Which films those are has to be looked up for each, so what is older than a month is remembered
    for an hour, or until one more of its jobs succeeds.
    """
    settled_before = today() - REMEMBERED_AFTER
    recent = replace(scope, start=max(scope.start, settled_before))
    seconds = _seconds_of(recent) if recent.start <= recent.end else Decimal(0)
    if scope.start >= settled_before:
        return seconds
    older = replace(scope, end=min(scope.end, settled_before - timedelta(days=1)))
    made = sum(number for day, number in succeeded.items() if day <= older.end)
    key = f"kept:{sha256(repr((older.conditions(), made)).encode()).hexdigest()}"
    known: Decimal | None = cache.get(key)
    if known is None:
        known = _seconds_of(older)
        cache.set(key, known, 3600)
    return seconds + known


def _seconds_of(scope: Scope) -> Decimal:
    films = Rendition.objects.filter(
        **scope.conditions("job__"), state=Rendition.State.STORED, part=Part.FILM
    ).exclude(job__kind__in=UPGRADES)
    return films.aggregate(total=Sum("seconds"))["total"] or Decimal(0)
