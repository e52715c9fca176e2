"""The price of a piece of work before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NotRequired, Protocol, TypedDict, Unpack

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django.utils import timezone

from jobs.models import Price, prepared
from jobs.models.money.price import latest_of
from jobs.providers.base import UPGRADES, Mode

_PRICED_AS: Mapping[str, str] = {Mode.TEXT: Price.Mode.TEXT, Mode.VIDEO: Price.Mode.VIDEO}
"""What is not among them is made from images."""
_COLUMNS = (
    *("id", "provider", "kind", "model", "mode", "resolution", "duration"),
    *("credits", "published"),
)
"""What of a row says what work costs. From when it does so is for the database."""


class PriceUnknown(Exception):
    """There is no price for this work, so it cannot be reserved and is not offered."""


class Work(Protocol):
    """A job, or the order of one: all that a price depends on."""

    @property
    def provider(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def mode(self) -> str: ...
    @property
    def resolution(self) -> str: ...
    @property
    def duration(self) -> int: ...


class WorkByName(TypedDict):
    """The same by its names, where there is neither a job nor an order."""

    provider: str
    kind: str
    model: str
    resolution: str
    duration: NotRequired[int]
    """Seconds; work that is priced by its length has no price without it."""
    mode: NotRequired[str]
    """The composer's; without one, text. A price may stand for text, for images of any use, for
    the change of a film, or for all of them."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The rows that count now, and what is made of them."""

    rows: list[Price]
    by_kind: dict[tuple[str, str], list[Price]]
    """The same, by provider and kind."""
    withdrawn: frozenset[str]
    mark: tuple[object, ...]

    @classmethod
    def of(cls, rows: list[Price], withdrawn: frozenset[str]) -> InForce:
        by_kind: dict[tuple[str, str], list[Price]] = {}
        for row in rows:
            by_kind.setdefault((row.provider, row.kind), []).append(row)
        return cls(
            rows, by_kind, withdrawn, (withdrawn, *((row.work, row.credits) for row in rows))
        )


LISTS_KEPT_MAX = 10
_lists: dict[tuple[prepared.Row, ...], InForce] = {}
"""The latest price lists, each by the very rows that it was made of: these are read each time."""


class PriceList:
    """The prices in force, read once for many questions, and only if there is one."""

    @cached_property
    def in_force(self) -> InForce:
        begun = tuple(prepared.rows("prices", _begun, timezone.now()))
        if (known := _lists.get(begun)) is None:
            if len(_lists) >= LISTS_KEPT_MAX:
                _lists.clear()
            known = _lists[begun] = _made_of(begun)
        return known

    @property
    def rows(self) -> list[Price]:
        return self.in_force.rows

    @property
    def withdrawn(self) -> frozenset[str]:
        """The names of the models of which nothing new is ordered."""
        return self.in_force.withdrawn

    @property
    def mark(self) -> tuple[object, ...]:
        """Equal for lists that say the same."""
        return self.in_force.mark

    def of(self, work: Work) -> int | None:
        """Credits for this piece of work at these prices; None where it has none, as the work of a
        withdrawn model.
        """
        return self.credits(**work_of(work))

    def published(self, work: Work) -> Decimal | None:
        """The provider's own credits for this work, where our price was taken over from its list;
        None where it was not.
        """
        row = self.row(**work_of(work))
        return row.published if row else None

    def credits(self, **work: Unpack[WorkByName]) -> int | None:
        """Credits for one piece of work, by the most particular row that fits; None for none."""
        if work["model"] in self.withdrawn and work["kind"] not in UPGRADES:
            return None
        row = self.row(**work)
        return row.credits if row else None

    def row(self, **work: Unpack[WorkByName]) -> Price | None:
        """The row that says what this work costs, of a withdrawn model too."""
        models, sizes = (work["model"], ""), (work["resolution"], "")
        lengths = work.get("duration", 0), 0
        modes = _PRICED_AS.get(work.get("mode", Mode.TEXT), Price.Mode.IMAGE), Price.Mode.ANY
        fitting = (
            row
            for row in self.in_force.by_kind.get((work["provider"], work["kind"]), ())
            if row.model in models
            and row.mode in modes
            and row.resolution in sizes
            and row.duration in lengths
        )
        return max(
            fitting,
            key=lambda row: (row.model, row.resolution, row.duration, row.mode),
            default=None,
        )

    def dearest(self, provider: str) -> int | None:
        """The price of the dearest work at a provider; None where none has a price."""
        return max((row.credits for row in self.rows if row.provider == provider), default=None)


def _begun(now: datetime) -> QuerySet[Price, prepared.Row]:
    return Price.objects.begun(now).values_list(*_COLUMNS, "is_withdrawn")


def _made_of(begun: Iterable[prepared.Row]) -> InForce:
    rows = latest_of(Price.from_db(DEFAULT_DB_ALIAS, _COLUMNS, row[:-1]) for row in begun)
    of_model = _COLUMNS.index("model")
    return InForce.of(rows, frozenset(row[of_model] for row in begun if row[-1]))


def quote(work: Work, prices: PriceList | None = None) -> int:
    """As `PriceList.of`, by the prices of this moment. Raises `PriceUnknown`."""
    credits = (prices or PriceList()).of(work)
    if credits is None:
        raise PriceUnknown(f"{work.provider} {work.kind} {work.model} {work.resolution}")
    return credits


def work_of(work: Work | Price) -> dict[str, Any]:
    """What is priced: a piece of work, or that of a row of the list."""
    names = ("provider", "kind", "model", "mode", "resolution", "duration")
    return {name: getattr(work, name) for name in names}
