"""The price of a piece of work before it is done."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from jobs.models import AuditEvent, Price, User, prepared
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
        return self.credits(**_work(work))

    def published(self, work: Work) -> Decimal | None:
        """The provider's own credits for this work, where our price was taken over from its list;
        None where it was not.
        """
        row = self.row(**_work(work))
        return row.published if row else None

    def credits(
        self,
        *,
        provider: str,
        kind: str,
        model: str,
        resolution: str,
        duration: int = 0,
        mode: str = Mode.TEXT,
    ) -> int | None:
        """Credits for one piece of work, by the most particular row that fits; None for none.

        `mode` is the composer's; a price may stand for text, for images of any use, for the change
        of a film, or for all of them.
        `duration` is in seconds; work that is priced by its length has no price without one.
        """
        if model in self.withdrawn and kind not in UPGRADES:
            return None
        row = self.row(
            provider=provider,
            kind=kind,
            model=model,
            resolution=resolution,
            duration=duration,
            mode=mode,
        )
        return row.credits if row else None

    def row(
        self,
        *,
        provider: str,
        kind: str,
        model: str,
        resolution: str,
        duration: int = 0,
        mode: str = Mode.TEXT,
    ) -> Price | None:
        """The row that says what this work costs, of a withdrawn model too."""
        priced_as = _PRICED_AS.get(mode, Price.Mode.IMAGE)
        fitting = (
            row
            for row in self.in_force.by_kind.get((provider, kind), ())
            if row.model in (model, "")
            and row.mode in (priced_as, Price.Mode.ANY)
            and row.resolution in (resolution, "")
            and row.duration in (duration, 0)
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


@transaction.atomic
def change(
    price: Price,
    credits: int,
    *,
    begins: datetime | None,
    reason: str,
    actor: User,
    published: Decimal | None = None,
) -> bool:
    """Price the work of this row anew, from now or a coming moment; true if that is a change.

    The row need not be stored: work that has no price yet gets its first one. `published` is the
    provider's own price that is taken over.
    """
    before = _put(price, credits, begins, actor, published)
    if before == credits:
        return False
    _note(str(price), _figure(before), f"{credits:,}{_from(begins)}", reason, actor)
    return True


@transaction.atomic
def change_by_second(
    price: Price,
    lengths: Iterable[int],
    rate: Decimal,
    *,
    reason: str,
    actor: User,
    is_published: bool = False,
) -> bool:
    """Price work of these lengths at so many credits a second, from now; true if that is a change.

    `price` says what work, without a length. A part of a credit counts as a whole one. The rate may
    be the provider's own that is taken over.
    """
    works = {seconds: replaced(price, duration=seconds) for seconds in lengths}
    after = {seconds: math.ceil(rate * seconds) for seconds in works}
    before = {
        each: _put(work, after[each], None, actor, rate * each if is_published else None)
        for each, work in works.items()
    }
    if before == after:
        return False
    said = f"{_span(after)} ({rate.normalize():f} a second)"
    _note(f"{price}, {min(works)} to {max(works)} s", _span(before), said, reason, actor)
    return True


def replaced(price: Price, **changes: object) -> Price:
    """A row of other work, not stored."""
    return Price(**_work(price) | changes)


def _work(work: Work | Price) -> dict[str, Any]:
    """What is priced: a piece of work, or that of a row of the list."""
    names = ("provider", "kind", "model", "mode", "resolution", "duration")
    return {name: getattr(work, name) for name in names}


def _put(
    price: Price, credits: int, begins: datetime | None, actor: User, published: Decimal | None
) -> int | None:
    """Have the work of this row cost so much from then on; what it cost before, None for nothing
    yet. What was taken over once still says what its provider charges.
    """
    work = _work(price)
    rows = Price.objects.filter(**work)
    # Locked until the end: of two changes at once the second sees what the first has made.
    rows.update(credits=F("credits"))
    moment = begins or timezone.now()
    before = rows.filter(valid_from__lte=moment).order_by("-valid_from", "-pk").first()
    if before and before.credits == credits:
        return credits
    if before and before.valid_from == begins:
        # Not in force yet, so no quote was made by it.
        rows.filter(pk=before.pk).update(credits=credits, set_by=actor)
    else:
        if published is None and before:
            published = before.published
        Price.objects.create(
            **work, credits=credits, published=published, valid_from=moment, set_by=actor
        )
    return before.credits if before else None


@transaction.atomic
def withdraw(price: Price, *, reason: str, actor: User) -> bool:
    """Call off a price that has not begun; true if it was there."""
    coming = Price.objects.filter(pk=price.pk, valid_from__gt=timezone.now())
    if not coming.delete()[0]:
        return False
    AuditEvent.objects.create(
        actor=actor,
        action="price withdrawn",
        subject=str(price),
        before=f"{price.credits:,}{_from(price.valid_from)}",
        reason=reason,
    )
    return True


def _note(subject: str, before: str, after: str, reason: str, actor: User) -> None:
    AuditEvent.objects.create(
        actor=actor,
        action="price changed",
        subject=subject,
        before=before,
        after=after,
        reason=reason,
    )


def _figure(credits: int | None) -> str:
    return "no price" if credits is None else f"{credits:,}"


def _span(figures: Mapping[int, int | None]) -> str:
    """The prices of several lengths in words."""
    known = [credits for credits in figures.values() if credits is not None]
    return f"{min(known):,}–{max(known):,}" if known else _figure(None)


def _from(begins: datetime | None) -> str:
    return f" from {timezone.localdate(begins):%Y-%m-%d}" if begins else ""
