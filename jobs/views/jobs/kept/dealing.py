"""Cards as they were rendered: a page of unchanged ones loads none of their rows.

What was rendered is looked up by the face of the card (`facts`) and the rights of who looks at it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from jobs.models import Job, Rendition, User, prepared
from jobs.pricing import PriceList
from jobs.views.jobs.card import Card
from jobs.views.jobs.cards import cards_for
from jobs.views.jobs.kept.facts import (
    RESTING,
    TICKING,
    Face,
    Facts,
    Row,
    faces_of,
    facts_of,
)

KEPT_MAX = 2000
"""Cards that a process keeps: some 6 MB."""


Key = tuple[UUID, bool, bool, bool]
_kept: dict[Key, tuple[Face, str]] = {}
"""The latest face and HTML of each, by the rights of who looked at it: to the card, and to what it
names as its source.
"""
_TOKEN = f"csrf-token-of-the-reader-{secrets.token_hex(16)}"
"""Stands in a kept card where the forms of whoever reads it get a token of their own."""


@dataclass(frozen=True, slots=True)
class DealtCard:
    """What a page shows of one job."""

    job: Facts
    html: SafeString


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at cards, when, and at which prices."""

    viewer: User
    prices: PriceList
    csrf_token: str
    now: datetime

    def key(self, facts: Facts) -> Key:
        me = self.viewer.pk
        return facts.pk, facts.owner_id == me, facts.source_owner == me, self.viewer.is_admin


def deal(rows: Iterable[Row], viewer: User, csrf_token: str, prices: PriceList) -> list[DealtCard]:
    """The cards of jobs by their facts, in their order: no query where all rest, unchanged."""
    reader = Reader(viewer, prices, csrf_token, timezone.now())
    faces = faces_of(rows, reader.now, prices)
    html = {
        facts.pk: kept for facts, face in faces.items() if (kept := _found(face, facts, reader))
    }
    html |= _rendered([each for each in faces if each.pk not in html], faces, reader)
    # What was deleted since the faces were read has no card.
    return [
        DealtCard(facts, SafeString(html[facts.pk].replace(_TOKEN, csrf_token)))
        for facts in faces
        if facts.pk in html
    ]


def _found(face: Face, facts: Facts, reader: Reader) -> str:
    kept = _kept.get(reader.key(facts))
    return kept[1] if kept and kept[0] == face else ""


def _rendered(
    missing: Sequence[Facts], faces: dict[Facts, Face], reader: Reader
) -> dict[UUID, str]:
    """The HTML of these by the rows of now. Those that rest are kept."""
    resting = [facts.pk for facts in missing if facts.status in RESTING]
    others = [facts.pk for facts in missing if facts.status not in RESTING]
    rows: list[Job] = []
    if others:
        unfinished = prepared.rows(("unfinished cards", len(others)), _unfinished, *others)
        rows = [job for job in unfinished if job.status not in RESTING]
        # With their files, should some have ended this very moment.
        resting += set(others) - {job.pk for job in rows}
    if resting:
        rows += Job.objects.filter(pk__in=resting).for_cards()
    cards = cards_for(rows, reader.viewer, _TOKEN, reader.prices)
    html = {card.job.pk: str(card.html) for card in cards}
    if not settings.DEBUG:
        statuses = {card.job.pk: card.job.status for card in cards}
        for facts in missing:
            if facts.status in TICKING and statuses.get(facts.pk) == facts.status:
                _keep(facts, faces[facts], html, reader)
        _keep_resting([card.job.pk for card in cards if _may_keep(card)], html, faces, reader)
    return html


def _unfinished(*ids: UUID) -> QuerySet[Job]:
    return Job.objects.filter(pk__in=ids).for_unfinished_cards()


def _may_keep(card: Card) -> bool:
    """It counts down no time for which a file is still at its provider."""
    moving = (Rendition.State.WAITING, Rendition.State.FETCHING)
    return card.job.status in RESTING and not (card.rendition and card.rendition.state in moving)


def _keep_resting(
    jobs: Sequence[UUID], html: dict[UUID, str], faces: dict[Facts, Face], reader: Reader
) -> None:
    """Keep what was rendered, unless a face changed meanwhile: nobody knows then what it shows."""
    if not jobs:
        return
    rows = facts_of(Job.objects.filter(pk__in=jobs))
    for facts, face in faces_of(rows, reader.now, reader.prices).items():
        if faces.get(facts) == face:
            _keep(facts, face, html, reader)


def _keep(facts: Facts, face: Face, html: dict[UUID, str], reader: Reader) -> None:
    if len(_kept) >= KEPT_MAX:
        _kept.clear()
    _kept[reader.key(facts)] = face, html[facts.pk]
