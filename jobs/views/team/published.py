"""What providers publish as their prices, beside ours, on the page of prices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from jobs import feeds
from jobs.forms import TakeOverForm
from jobs.models import FeedReading, Price
from jobs.providers import PROVIDERS
from jobs.providers.declarations import Provider

STALE = timedelta(days=2)
"""One day without a reading is nothing yet."""


def panels(form: Callable[[int], TakeOverForm]) -> list[dict[str, Any]]:
    """Each provider that publishes a list: how its reading went, and where it differs from ours.

    `form` gives the form about a published price. Of a setting that is off there is nothing.
    """
    if not settings.PRICE_FEED:
        return []
    rows = FeedReading.objects.filter(practice=settings.PRACTICE)
    readings = {row.provider: row for row in rows}
    return [
        _panel(provider, readings.get(provider.name), form)
        for provider in PROVIDERS.values()
        if provider.prices
    ]


def _panel(
    provider: Provider, reading: FeedReading | None, form: Callable[[int], TakeOverForm]
) -> dict[str, Any]:
    lines = feeds.lines(provider)
    read_at = reading.read_at if reading else None
    return {
        "provider": provider,
        "reading": reading,
        "failed": reading is not None
        and reading.outcome in (FeedReading.Outcome.AWAY, FeedReading.Outcome.UNCLEAR),
        "is_stale": read_at is not None and read_at < timezone.now() - STALE,
        "lines": lines,
        "differing": [{"line": line, "form": form(line.row.pk)} for line in lines if line.differs],
        "same": sum(not line.differs for line in lines),
    }


def is_shown(row_id: str) -> bool:
    """The page has a form about the published price of this id, at which what is wrong is said."""
    return any(
        str(line.row.pk) == row_id
        for provider in PROVIDERS.values()
        for line in feeds.lines(provider)
        if line.differs
    )


def beside(panels: list[dict[str, Any]], rows: list[Price]) -> list[tuple[Price, int | None]]:
    """Our rows, each with what is published of its work; None where nothing is."""
    said: dict[tuple[object, ...], int] = {}
    for panel in panels:
        for line in panel["lines"]:
            *work, length = line.price.work
            lengths = line.lengths or (length,)
            said |= {
                (*work, each): credits for each, credits in zip(lengths, line.theirs, strict=True)
            }
    return [(row, said.get(row.work)) for row in rows]
