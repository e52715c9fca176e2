"""What a piece of work costs before it is done."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from jobs.models import Price


class PriceUnknown(Exception):
    """There is no price for this work, so it cannot be reserved and is not offered."""


class PriceList:
    """The prices as they stand now, read once for many questions, and only if there is one."""

    @cached_property
    def rows(self) -> list[Price]:
        return list(Price.objects.all())

    def credits(
        self, *, provider: str, kind: str, model: str, resolution: str, mode: str = "text"
    ) -> int | None:
        """As `quote`; None where there is no price."""
        return _most_particular(
            row
            for row in self.rows
            if (row.provider, row.kind) == (provider, kind)
            and row.model in (model, "")
            and row.mode in (mode, Price.Mode.ANY)
            and row.resolution in (resolution, "")
        )

    def dearest(self, provider: str) -> int | None:
        """What the dearest piece of work at a provider costs; None where none has a price."""
        return max((row.credits for row in self.rows if row.provider == provider), default=None)


def quote(*, provider: str, kind: str, model: str, mode: str, resolution: str) -> int:
    """Credits for one piece of work, by the most particular price row that fits.

    `mode` is "text" or "image". Raises `PriceUnknown`.
    """
    rows = Price.objects.filter(
        provider=provider,
        kind=kind,
        model__in=[model, ""],
        mode__in=[mode, Price.Mode.ANY],
        resolution__in=[resolution, ""],
    )
    credits = _most_particular(rows)
    if credits is None:
        raise PriceUnknown(f"{provider} {kind} {model} {resolution}")
    return credits


def _most_particular(rows: Iterable[Price]) -> int | None:
    best = max(rows, key=lambda row: (row.model, row.resolution, row.mode), default=None)
    return best.credits if best else None
