"""Cards as they were rendered: a page of unchanged ones loads none of their rows.

The *face* of a card is all that its HTML depends on: what one narrow query reads (`FACTS`), the
steps in which it tells the time, who looks at it, and the prices. Whoever has a card show
something new sees to it that it stands in its face: by a column in FACTS, or by a version that
every change of it adds to, as states (`lifecycle.moves`) and files (`archive.announcing`) do. What
is left out shows old cards: tests/views/jobs/test_kept_cards.py goes through all that can change.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from jobs import moments
from jobs.models import Job, Rendition, User
from jobs.models.jobs.job import ALIKE, Jobs
from jobs.models.jobs.status import Status
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.views.jobs.card import Card
from jobs.views.jobs.cards import cards_for
from jobs.views.jobs.progress import Progress

RESTING = frozenset((Status.SUCCEEDED, Status.FAILED, Status.CANCELED, Status.LOST))
"""Their cards show nothing that stands in no version, but for the time."""
TICKING = frozenset((Status.SUBMITTING, Status.RUNNING))
"""Their cards count seconds: kept for one, in which many may look at a team's studio."""
KEPT_MAX = 2000
"""Cards that a process keeps: some 6 MB."""


class Facts(NamedTuple):
    """What is read of a card's job: `FACTS` names the columns, in the same order."""

    pk: UUID
    version: int
    status: str
    provider: str
    created_at: datetime
    sent_at: datetime | None
    kind: str
    model: str
    resolution: str
    practice: bool
    owner_id: int
    first_name: str
    last_name: str
    username: str
    key_state: str | None
    key_last_four: str | None
    take_group: UUID | None


FACTS = (
    *("pk", "version", "status", "provider", "created_at", "sent_at"),
    *("kind", "model", "resolution", "practice"),
    *("owner", "owner__first_name", "owner__last_name", "owner__username"),
    *("credential__state", "credential__last_four", "take_group"),
)
DERIVED = ("derived__pk", "derived__version", "derived__status")
"""Of what was made of the video, whose sizes stand on its card: a row of the query for each."""
Row = tuple[Any, ...]
Face = tuple[object, ...]
_kept: dict[tuple[UUID, bool, bool], tuple[Face, str]] = {}
"""The latest face and HTML of each, by the rights of who looked at it."""
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

    def key(self, facts: Facts) -> tuple[UUID, bool, bool]:
        return facts.pk, facts.owner_id == self.viewer.pk, self.viewer.is_admin


def facts_of(jobs: Jobs) -> QuerySet[Job, Row]:
    """What `deal` is given of the jobs of a page: one narrow query."""
    # The page in a subquery of its own, since what was made of its videos would fill it up.
    return Job.objects.filter(pk__in=jobs.values("pk")).values_list(*FACTS, *DERIVED)


def groups_in(rows: Iterable[Row]) -> list[tuple[UUID, UUID | None]]:
    """The jobs of these facts, each with the group of takes that it is of, in their order."""
    found = (Facts(*row[: len(FACTS)]) for row in rows)
    return list({facts.pk: facts.take_group for facts in found}.items())


def deal(rows: Iterable[Row], viewer: User, csrf_token: str, prices: PriceList) -> list[DealtCard]:
    """The cards of jobs by their facts, in their order: no query where all rest, unchanged."""
    reader = Reader(viewer, prices, csrf_token, timezone.now())
    faces = _faces(rows, reader)
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


def _faces(rows: Iterable[Row], reader: Reader) -> dict[Facts, Face]:
    """The facts of each job, and the face of its card."""
    derived: dict[Facts, list[Row]] = {}
    for row in rows:
        derived.setdefault(Facts(*row[: len(FACTS)]), []).append(row[len(FACTS) :])
    return {
        facts: (facts, frozenset(made), *_steps(facts, reader.now), reader.prices.mark)
        for facts, made in derived.items()
    }


def _steps(facts: Facts, now: datetime) -> Face:
    """The time that a card tells, in the steps in which it tells it."""
    if facts.status in TICKING:
        alike = {name: getattr(facts, name) for name in ALIKE}
        job = Job(**alike, created_at=facts.created_at, sent_at=facts.sent_at)
        return Progress(job, now).elapsed, job.usual_seconds
    age = int((now - facts.created_at).total_seconds())
    unit = 60 if age < 3600 else 3600 if age < 86_400 else 86_400
    left = ""
    if facts.sent_at:
        left = moments.time_left(facts.sent_at + PROVIDERS[facts.provider].retention, now)
    return unit, age // unit, left


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
        unfinished = Job.objects.filter(pk__in=others).for_unfinished_cards()
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
    for facts, face in _faces(facts_of(Job.objects.filter(pk__in=jobs)), reader).items():
        if faces.get(facts) == face:
            _keep(facts, face, html, reader)


def _keep(facts: Facts, face: Face, html: dict[UUID, str], reader: Reader) -> None:
    if len(_kept) >= KEPT_MAX:
        _kept.clear()
    _kept[reader.key(facts)] = face, html[facts.pk]
