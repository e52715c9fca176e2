"""Compares what providers publish with our own list, and takes a price over on an admin's word."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from jobs import pricing
from jobs.models import FeedPrice, FeedReading, Price, User
from jobs.pricing import PriceList
from jobs.providers.base import Mode, lines_of
from jobs.providers.declarations import Provider
from jobs.providers.price_feed import Priced, PriceFeed

_MODES = {Price.Mode.IMAGE.value: Mode.REFERENCES, Price.Mode.VIDEO.value: Mode.VIDEO}
"""An order for each kind of price, to ask what it costs."""
Meant = tuple[FeedPrice, Priced]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One published price beside ours."""

    row: FeedPrice
    """What was read; its first day is that of the price."""
    price: Price
    """The work that it is about, as our list would have it; not stored."""
    lengths: tuple[int, ...] = ()
    """Of work that is paid for by the second."""
    ours: tuple[int | None, ...]
    """Credits of each length, or of the one piece of work; None where we have no price."""
    theirs: tuple[int, ...]
    before: Decimal | None = None
    """What was published until then, as far as we have read it."""

    @property
    def differs(self) -> bool:
        return self.ours != self.theirs


def lines(provider: Provider) -> list[Line]:
    """All that the latest reading says of work of ours, in the order of our list; nothing where a
    setting turns it off.
    """
    if not settings.PRICE_FEED:
        return []
    reading = FeedReading.objects.filter(provider=provider.name, practice=settings.PRACTICE).first()
    if provider.prices is None or reading is None or reading.read_at is None:
        return []
    before: dict[tuple[str, str], Decimal] = {}
    listed: list[tuple[FeedPrice, Decimal | None]] = []
    for row in FeedPrice.objects.here(provider.name):
        if row.last_seen == reading.read_at:
            listed.append((row, before.get((row.name, row.unit))))
        before[row.name, row.unit] = row.credits
    found = _lines(provider, provider.prices, listed)
    return sorted(found, key=_place)


def _place(line: Line) -> tuple[object, ...]:
    price = line.price
    lines_ = lines_of(price.resolution) if price.resolution else 0
    return (price.kind, price.model, lines_, price.mode, price.duration)


def take_over(provider: Provider, row_id: int, *, reason: str, actor: User) -> Line | None:
    """Have our price be what this row says, from now on; None where it says so no longer, or ours
    is that already.
    """
    wanted = (line for line in lines(provider) if line.row.pk == row_id and line.differs)
    line = next(wanted, None)
    if line is None:
        return None
    said = line.row.credits
    if line.lengths:
        pricing.change_by_second(
            line.price, line.lengths, said, reason=reason, actor=actor, is_published=True
        )
    else:
        pricing.change(
            line.price, line.theirs[0], begins=None, reason=reason, actor=actor, published=said
        )
    return line


def _lines(
    provider: Provider, feed: PriceFeed, listed: list[tuple[FeedPrice, Decimal | None]]
) -> Iterator[Line]:
    prices, before = PriceList(), {row.pk: earlier for row, earlier in listed}
    together: dict[tuple[object, ...], list[Meant]] = defaultdict(list)
    for row, _ in listed:
        priced = feed.meaning(row.name, row.unit)
        if priced is None:
            # Our words for it have changed since it was read.
            continue
        work = _work(provider, priced)
        if priced.by_second:
            if line := _by_second(provider, prices, row, work, before[row.pk]):
                yield line
            continue
        answering = _answering(prices, work)
        together[answering.work if answering else work.work].append((row, priced))
    for members in together.values():
        for row, work in _told_apart(provider, prices, members):
            ours = _answering(prices, work)
            yield Line(
                row=row,
                price=work,
                ours=(ours.credits if ours else None,),
                theirs=(math.ceil(row.credits),),
                before=before[row.pk],
            )


def _told_apart(
    provider: Provider, prices: PriceList, members: list[Meant]
) -> Iterator[tuple[FeedPrice, Price]]:
    """Published prices that one of ours stands for: one line while they are the same."""
    works = [(row, _work(provider, priced)) for row, priced in members]
    first, work = works[0]
    if len({row.credits for row, _ in works}) == 1:
        yield first, _answering(prices, work) or work
        return
    dearest: dict[tuple[object, ...], tuple[FeedPrice, Price]] = {}
    for row, own in works:
        known = dearest.get(own.work)
        if known is None or row.credits > known[0].credits:
            dearest[own.work] = row, own
    yield from dearest.values()


def _by_second(
    provider: Provider, prices: PriceList, row: FeedPrice, work: Price, before: Decimal | None
) -> Line | None:
    model = provider.model(work.model)
    lengths = tuple(sorted(model.durations_at(work.resolution))) if model else ()
    if not lengths:
        return None
    answering = [_answering(prices, pricing.replaced(work, duration=each)) for each in lengths]
    return Line(
        row=row,
        price=work,
        lengths=lengths,
        ours=tuple(each.credits if each else None for each in answering),
        theirs=tuple(math.ceil(row.credits * each) for each in lengths),
        before=before,
    )


def _work(provider: Provider, priced: Priced) -> Price:
    """The row that our list would have for it."""
    return Price(
        provider=provider.name,
        kind=priced.kind,
        model=priced.model,
        mode=priced.source,
        resolution=priced.resolution,
        duration=priced.seconds,
    )


def _answering(prices: PriceList, work: Price) -> Price | None:
    """The row of ours that prices this work now."""
    return prices.row(
        provider=work.provider,
        kind=work.kind,
        model=work.model,
        resolution=work.resolution,
        duration=work.duration,
        mode=_MODES.get(work.mode, Mode.TEXT),
    )
