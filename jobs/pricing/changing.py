"""Changes of the price list: each from a moment on, with who made it and why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from jobs.models import AuditEvent, Price, User
from jobs.pricing.price_list import work_of


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
    return Price(**work_of(price) | changes)


def _put(
    price: Price, credits: int, begins: datetime | None, actor: User, published: Decimal | None
) -> int | None:
    """Have the work of this row cost so much from then on; what it cost before, None for nothing
    yet. What was taken over once still says what its provider charges.
    """
    work = work_of(price)
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
