"""Cards as they were rendered: a page, or a poll, of unchanged ones loads none of their rows.

What was rendered is looked up by the face of the card (`facts`) and the rights of who looks at it,
so that a change is rendered once in a process for all open tabs whose people may see the same.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from jobs.models import Job, User, prepared
from jobs.models.jobs.status import Status
from jobs.pricing import PriceList
from jobs.views.jobs.cards.card import Card
from jobs.views.jobs.cards.dealing import cards_for
from jobs.views.jobs.cards.kept.facts import (
    COUNTING,
    RESTING,
    Face,
    Facts,
    Row,
    faces_of,
    facts_among,
)
from jobs.views.jobs.cards.progress import elapsed, ticked

KEPT_MAX = 2000
"""Cards that a process keeps: some 20 MB."""
TURN_SECONDS = 0.5
"""For so long a tab waits for another one to render what it shows, too."""


class Rendered(NamedTuple):
    html: str
    told: str


Key = tuple[UUID, bool, bool, bool]
_kept: dict[Key, tuple[Face, Rendered]] = {}
"""The latest face and HTML of each, by the rights of who looked at it: to the card, and to what it
names as its source.
"""
_TOKEN = f"csrf-token-of-the-reader-{secrets.token_hex(16)}"
"""Stands in a kept card where the forms of whoever reads it get a token of their own."""
_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class DealtCard:
    """What a page shows of one job."""

    job: Facts
    html: SafeString
    told: str
    """See `Card.told`."""


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

    def card(self, face: Face, rendered: Rendered) -> DealtCard:
        """The card with this reader's token and the time of now."""
        facts, html = face.facts, rendered.html.replace(_TOKEN, self.csrf_token)
        seconds = elapsed(facts.sent_at or facts.created_at, self.now)
        return DealtCard(
            facts, SafeString(ticked(html, seconds, face.usual_seconds)), rendered.told
        )


def deal(rows: Iterable[Row], viewer: User, csrf_token: str, prices: PriceList) -> list[DealtCard]:
    """The cards of jobs by their facts, in their order: no query where all were rendered before,
    but for the places of those that wait in a queue.
    """
    reader = Reader(viewer, prices, csrf_token, timezone.now())
    faces = faces_of(rows, reader.now, prices)
    found = _found(faces, reader)
    if len(found) < len(faces):
        with _in_turn():
            # Whoever had the turn before has rendered some of them.
            found = _found(faces, reader)
            missing = [each for each in faces if each.pk not in found]
            found |= _rendered(missing, faces, reader) if missing else {}
    # What was deleted since the faces were read has no card.
    return [
        reader.card(face, found[facts.pk]) for facts, face in faces.items() if facts.pk in found
    ]


def _found(faces: dict[Facts, Face], reader: Reader) -> dict[UUID, Rendered]:
    kept = {facts.pk: _kept.get(reader.key(facts)) for facts in faces}
    return {
        facts.pk: each[1]
        for facts, face in faces.items()
        if (each := kept[facts.pk]) and each[0] == face
    }


@contextmanager
def _in_turn() -> Iterator[None]:
    """One thread renders and the others have it from there, unless that takes long."""
    is_mine = _turn.acquire(timeout=TURN_SECONDS)
    try:
        yield
    finally:
        if is_mine:
            _turn.release()


def _rendered(
    missing: Sequence[Facts], faces: dict[Facts, Face], reader: Reader
) -> dict[UUID, Rendered]:
    """The HTML of these by the rows of now. What may be kept of it is."""
    ended = [facts.pk for facts in missing if facts.status in RESTING]
    others = [facts.pk for facts in missing if facts.status not in RESTING]
    rows: list[Job] = []
    if others:
        some = prepared.padded(others)
        unfinished = prepared.rows(("unfinished cards", len(some)), _unfinished, *some)
        rows = [job for job in unfinished if job.status not in RESTING]
        # With their files, should some have ended this very moment.
        ended += set(others) - {job.pk for job in rows}
    if ended:
        rows += Job.objects.filter(pk__in=ended).for_cards()
    cards = cards_for(rows, reader.viewer, _TOKEN, reader.prices, is_kept=True)
    rendered = {card.job.pk: Rendered(str(card.html), card.told) for card in cards}
    if not settings.DEBUG:
        _keep_unchanged([card.job.pk for card in cards if _may_keep(card)], rendered, faces, reader)
    return rendered


def _unfinished(*ids: UUID) -> QuerySet[Job]:
    return Job.objects.filter(pk__in=ids).for_unfinished_cards()


def _may_keep(card: Card) -> bool:
    """All that it shows stands in its face."""
    job, file = card.job, card.rendition
    if job.status in COUNTING:
        # Who approved it has a name; why it waits may be over before its version says so.
        return not (job.budget_request_id or (job.status == Status.QUEUED and job.error))
    # It counts down the time for which a file is still at its provider, where it says why it is.
    is_told = file is not None and file.is_on_its_way and (file.problem or file.missing_host)
    return job.status in RESTING and not is_told


def _keep_unchanged(
    jobs: Sequence[UUID],
    rendered: dict[UUID, Rendered],
    faces: dict[Facts, Face],
    reader: Reader,
) -> None:
    """Keep what was rendered, unless a face changed meanwhile: nobody knows then what it shows."""
    for facts, face in faces_of(facts_among(jobs), reader.now, reader.prices).items():
        if faces.get(facts) == face:
            _keep(facts, face, rendered, reader)


def _keep(facts: Facts, face: Face, rendered: dict[UUID, Rendered], reader: Reader) -> None:
    if len(_kept) >= KEPT_MAX:
        _kept.clear()
    _kept[reader.key(facts)] = face, rendered[facts.pk]
