"""What a piece of work costs before it is done."""

from __future__ import annotations

from jobs.models import Price


class PriceUnknown(Exception):
    """There is no price for this work, so it cannot be reserved and is not offered."""


def quote(*, provider: str, kind: str, model: str, mode: str, resolution: str) -> int:
    """Credits for one piece of work, by the most particular price row that fits.

    Raises `PriceUnknown`.
    """
    rows = Price.objects.filter(
        provider=provider,
        kind=kind,
        model__in=[model, ""],
        mode__in=[mode, Price.Mode.ANY],
        resolution__in=[resolution, ""],
    )
    ranked = sorted(rows, key=lambda row: (row.model, row.resolution, row.mode), reverse=True)
    if not ranked:
        raise PriceUnknown(f"{provider} {kind} {model} {resolution}")
    return ranked[0].credits


def table() -> dict[str, int]:
    """Every price of a text generation, as `provider:model:resolution` to credits."""
    rows = Price.objects.filter(kind="generate", mode__in=[Price.Mode.TEXT, Price.Mode.ANY])
    return {
        f"{row.provider}:{row.model}:{row.resolution}": row.credits for row in rows.order_by("mode")
    }
