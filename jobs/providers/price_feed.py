"""A provider's own public list of prices: nobody's contract, read as far as it is understood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from jobs.providers.base import Kind
from jobs.providers.http import Http


class NotUnderstood(Exception):
    """What answered is no list of prices, or none that we can read."""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One row: work in the provider's words, and its price."""

    name: str
    unit: str
    credits: Decimal
    """More than 0."""


@dataclass(frozen=True, slots=True)
class Feed:
    """All rows, each work and unit once."""

    rows: tuple[FeedRow, ...]
    unreadable: int = 0
    """Rows that made no sense, or contradicted each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The work that a row prices, in the words of our own list; what is empty is any."""

    kind: Kind
    model: str = ""
    source: Literal["", "text", "image", "video"] = ""
    """What it is made from."""
    resolution: str = ""
    seconds: int = 0
    """0 for any length, or where the price is that of one second."""
    by_second: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFeed:
    """How a provider's list is read."""

    setting: str
    """The name of the setting that holds the address which it is below."""
    read: Callable[[Http, str], Feed]
    """Asks that address for the list, without a key. Raises `NotUnderstood` and `ProviderError`."""
    meaning: Callable[[str, str], Priced | None]
    """The work that a name and a unit stand for; None for what is none of ours."""
