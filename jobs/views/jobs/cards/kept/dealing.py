"""Cards as they were rendered: a page, or a poll, of unchanged ones loads none of their rows.

What was rendered is looked up by the face of the card (`facts`) and the rights of who looks at it,
so that a change is rendered once in a process for all open tabs whose people may see the same.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString

from jobs.models import User
from jobs.models.jobs.status import Status
from jobs.pricing import PriceList
from jobs.templatetags.dailies import ordered, which
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
from jobs.views.jobs.cards.kept.rows import rows_of
from jobs.views.jobs.cards.progress import WHEN, Unticked, elapsed, ticks

KEPT_MAX = 2000
"""Cards that a process keeps: some 20 MB."""
TURN_SECONDS = 0.5
"""For so long a tab waits for another one to render what it shows, too."""


class Rendered(NamedTuple):
    pieces: tuple[str, ...]
    """Its HTML, taken apart around the words in whose places each reader has others."""
    told: str
    name: str
    """What its controls call it, as others may be called."""
    when: str
    """When it was ordered, which tells it from those; said only where it is to."""


Key = tuple[UUID, bool, bool, bool]
_kept: dict[Key, tuple[Face, Rendered]] = {}
"""The latest face and HTML of each, by the rights of who looked at it: see `Reader.key`."""
_TOKEN = f"csrf-token-of-the-reader-{secrets.token_hex(16)}"
"""Stands in a kept card where the forms of whoever reads it get a token of their own."""
_PLACES = re.compile(f"({'|'.join((_TOKEN, WHEN, *Unticked.words))})")
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
        """The card, and all that it tells of who looks at it: what they may do with it, what they
        may make of it, and whether they see what it was made of.
        """
        me, is_admin = self.viewer.pk, self.viewer.is_admin
        is_owner = facts.owner_id == me
        # Nothing can be made of what is not there yet: until then admins see what its owner does.
        may_build = is_owner and facts.status in RESTING
        sees_source = facts.source_owner is not None and (
            is_admin or facts.source_owner == me or facts.source_project is not None
        )
        return facts.pk, is_owner or is_admin, may_build, sees_source

    def card(self, face: Face, rendered: Rendered, when: str) -> DealtCard:
        """The card with this reader's token, the time of now, and when it was ordered, if it is to
        say so.
        """
        facts = face.facts
        seconds = elapsed(facts.sent_at or facts.created_at, self.now)
        told = {_TOKEN: self.csrf_token, WHEN: when, **ticks(seconds, face.usual_seconds)}
        html = "".join(told.get(piece, piece) for piece in rendered.pieces)
        return DealtCard(facts, SafeString(html), rendered.told)


def deal(
    rows: Iterable[Row],
    viewer: User,
    csrf_token: str,
    prices: PriceList,
    *,
    are_first: bool = False,
) -> list[DealtCard]:
    """The cards of jobs by their facts, in their order: no query where all were rendered before,
    but for the places of those that wait in a queue.

    `are_first`: the page has no others yet. Of these only those of one name say when they were
    ordered; what joins them later says so in any case, since nobody knows what is there.
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
    names = Counter(each.name for each in found.values())
    # What was deleted since the faces were read has no card.
    return [
        reader.card(face, each, each.when if not are_first or names[each.name] > 1 else "")
        for facts, face in faces.items()
        if (each := found.get(facts.pk))
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
    rows = rows_of(missing)
    cards = cards_for(rows, reader.viewer, _TOKEN, reader.prices, is_kept=True)
    rendered = {card.job.pk: _taken_apart(card) for card in cards}
    if not settings.DEBUG:
        _keep_unchanged([card.job.pk for card in cards if _may_keep(card)], rendered, faces, reader)
    return rendered


def _taken_apart(card: Card) -> Rendered:
    pieces = tuple(_PLACES.split(card.html))
    return Rendered(pieces, card.told, which(card.job), ordered(card.job))


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
