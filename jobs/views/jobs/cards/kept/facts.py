"""The face of a card: all that its HTML depends on.

It is what one narrow query reads (`FACTS`), its place in the queue, the steps in which the card
tells the time, and the prices; who looks at it is for `dealing`. What it counts by the second is
not in it: that is filled in where it is dealt. Whoever has a card show something new sees to it
that it stands in its face: by a column in FACTS, or by a version that every change of it adds to,
as states (`lifecycle.moves`) and files (`archive.announcing`) do. What is left out shows old cards:
tests/views/jobs/cards/test_kept_cards.py goes through all that can change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from jobs import lifecycle
from jobs.models import Job, prepared
from jobs.models.at_provider import ALIKE
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.status import FINISHED, Status
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.times import moments

RESTING = frozenset(FINISHED)
"""Their cards show nothing that stands in no version, but for the time."""
COUNTING = frozenset((Status.QUEUED, Status.SUBMITTING, Status.RUNNING))
"""Their cards count seconds (`views.jobs.cards.progress`), and rest but for that."""


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
    display_name: str
    username: str
    key_state: str | None
    key_last_four: str | None
    take_group: UUID | None
    trashed_at: datetime | None
    source_owner: int | None
    source_project: int | None
    source_trashed_at: datetime | None
    source_version: int | None
    """Of what it was made of, which a card names to those who may see it."""


FACTS = (
    *("pk", "version", "status", "provider", "created_at", "sent_at"),
    *("kind", "model", "resolution", "practice"),
    *("owner", "owner__display_name", "owner__username"),
    *("credential__state", "credential__last_four"),
    *("take_group", "trashed_at"),
    *("source__owner", "source__project", "source__trashed_at", "source__version"),
)
DERIVED = ("derived__pk", "derived__version", "derived__status")
"""Of what was made of the video, whose sizes stand on its card: a row of the query for each."""
Row = tuple[Any, ...]


class Face(NamedTuple):
    """All that the HTML of a card depends on, whoever looks at it."""

    facts: Facts
    made_of_it: frozenset[Row]
    place: int | None
    """In its queue, while it waits there."""
    usual_seconds: int
    """That such a job takes; 0 where the card does not say how long it will."""
    steps: tuple[object, ...]
    prices: tuple[object, ...]


def facts_of(jobs: Jobs) -> QuerySet[Job, Row]:
    """What `deal` is given of the jobs of a page: one narrow query."""
    # The page in a subquery of its own, since what was made of its videos would fill it up.
    return Job.objects.filter(pk__in=jobs.values("pk")).values_list(*FACTS, *DERIVED)


def facts_among(ids: Iterable[UUID]) -> list[Row]:
    """The same of these jobs."""

    def build(*ids: UUID) -> QuerySet[Job, Row]:
        return Job.objects.filter(pk__in=ids).values_list(*FACTS, *DERIVED)

    some = prepared.padded(ids)
    return prepared.rows(("facts", len(some)), build, *some) if some else []


def facts_in(rows: Iterable[Row]) -> list[Facts]:
    """The facts of each job, in their order."""
    return list({row[0]: Facts(*row[: len(FACTS)]) for row in rows}.values())


def groups_in(rows: Iterable[Row]) -> list[tuple[UUID, UUID | None, datetime]]:
    """The jobs of these facts in their order, each with its group of takes and its moment."""
    return [(facts.pk, facts.take_group, facts.created_at) for facts in facts_in(rows)]


def faces_of(rows: Iterable[Row], now: datetime, prices: PriceList) -> dict[Facts, Face]:
    """The facts of each job, and the face of its card."""
    derived: dict[Facts, list[Row]] = {}
    for row in rows:
        derived.setdefault(Facts(*row[: len(FACTS)]), []).append(row[len(FACTS) :])
    places = lifecycle.places([each.pk for each in derived if each.status == Status.QUEUED])
    usual: dict[Row, int] = {}
    return {
        facts: Face(
            facts,
            frozenset(made),
            places.get(facts.pk),
            _usual_seconds(facts, usual),
            _steps(facts, now),
            prices.mark,
        )
        for facts, made in derived.items()
    }


def _usual_seconds(facts: Facts, known: dict[Row, int]) -> int:
    if facts.status in RESTING:
        return 0
    alike = tuple(getattr(facts, name) for name in ALIKE)
    if alike not in known:
        known[alike] = Job.usual_seconds_of(dict(zip(ALIKE, alike, strict=True)))
    return known[alike]


def _steps(facts: Facts, now: datetime) -> tuple[object, ...]:
    """The time that a card tells, in the steps in which it tells it."""
    age = int((now - facts.created_at).total_seconds())
    unit = 60 if age < 3600 else 3600 if age < 86_400 else 86_400
    left = ""
    if facts.sent_at and facts.status in RESTING:
        left = moments.time_left(facts.sent_at + PROVIDERS[facts.provider].retention, now)
    return unit, age // unit, left
