"""The grid's cards, with the takes that were ordered together in one frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from django.db.models import Count
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from jobs.models import Job
from jobs.views.jobs.cards.card import Card
from jobs.views.jobs.cards.kept.dealing import DealtCard
from jobs.views.jobs.cards.kept.facts import Facts

AnyCard: TypeAlias = Card | DealtCard
"""A card of rows, or one as it was kept."""


@dataclass(frozen=True, slots=True)
class Group:
    """The cards of one order's takes, as far as they are shown."""

    id: UUID
    cards: list[AnyCard]
    total: int
    """The takes that there are, whether or not the filters show them."""

    @property
    def element(self) -> str:
        """The id of its frame in the page."""
        return f"takes-{self.id}"

    @property
    def html(self) -> SafeString:
        return render_to_string("studio/_group.html", {"group": self})


def grouped(cards: Sequence[AnyCard]) -> list[AnyCard | Group]:
    """What the grid shows, in its order. One query where there are groups, none where not."""
    totals = _totals({card.job.take_group for card in cards if card.job.take_group})
    groups: dict[UUID, Group] = {}
    shown: list[AnyCard | Group] = []
    for card in cards:
        name = card.job.take_group
        if name is None:
            shown.append(card)
        elif name in groups:
            groups[name].cards.append(card)
        else:
            groups[name] = Group(name, [card], totals[name])
            shown.append(groups[name])
    return shown


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What a poll brings to a page."""

    changed: list[AnyCard]
    """Cards that stand there already."""
    new: list[AnyCard | Group]
    grown: list[Group]
    """Frames that stand there, with a take more or less: each comes as a whole."""
    gone: list[str]
    """The ids of what stands there and goes: cards, and frames of which nothing is left."""


def arrivals(
    cards: Sequence[AnyCard], here: Set[UUID], thrown: Sequence[Facts | Job] = ()
) -> Arrivals:
    """Sort what is brought by what it finds. `here`: the jobs whose cards stand there; `thrown`:
    those of them that were thrown away.
    """
    names = {card.job.take_group for card in cards if card.job.pk not in here} - {None}
    less = {job.take_group for job in thrown} - {None}
    names |= less
    changed: list[AnyCard] = []
    arrived: list[AnyCard] = []
    for card in cards:
        is_news = card.job.pk not in here or card.job.take_group in names
        (arrived if is_news else changed).append(card)
    new: list[AnyCard | Group] = []
    grown: list[Group] = []
    for each in grouped(arrived):
        is_there = isinstance(each, Group) and each.id in less
        if isinstance(each, Group) and (is_there or any(c.job.pk in here for c in each.cards)):
            grown.append(each)
        else:
            new.append(each)
    left = {group.id for group in grown}
    frames = (f"takes-{name}" for name in less - left)
    alone = (f"job-{job.pk}" for job in thrown if job.take_group not in less)
    return Arrivals(changed, new, grown, [*alone, *frames])


def _totals(names: Iterable[UUID]) -> dict[UUID, int]:
    wanted = set(names)
    if not wanted:
        return {}
    rows = Job.objects.filter(take_group__in=wanted, trashed_at=None).order_by()
    return dict(rows.values_list("take_group").annotate(number=Count("pk")))
