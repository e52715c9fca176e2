"""The face of a card: all that its HTML depends on.

It is what one narrow query reads (`FACTS`), the steps in which the card tells the time, and the
prices; who looks at it is for `dealing`. Whoever has a card show something new sees to it that it
stands in its face: by a column in FACTS, or by a version that every change of it adds to, as states
(`lifecycle.moves`) and files (`archive.announcing`) do. What is left out shows old cards:
tests/views/jobs/test_kept_cards.py goes through all that can change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from jobs import moments
from jobs.models import Job
from jobs.models.jobs.job import ALIKE, Jobs
from jobs.models.jobs.status import FINISHED, Status
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.views.jobs.progress import Progress

RESTING = frozenset(FINISHED)
"""Their cards show nothing that stands in no version, but for the time."""
TICKING = frozenset((Status.SUBMITTING, Status.RUNNING))
"""Their cards count seconds: kept for one, in which many may look at a team's studio."""


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
    source_owner: int | None
    source_project: int | None
    source_trashed_at: datetime | None
    source_version: int | None
    """Of what it was made of, which a card names to those who may see it."""


FACTS = (
    *("pk", "version", "status", "provider", "created_at", "sent_at"),
    *("kind", "model", "resolution", "practice"),
    *("owner", "owner__display_name", "owner__username"),
    *("credential__state", "credential__last_four", "take_group"),
    *("source__owner", "source__project", "source__trashed_at", "source__version"),
)
DERIVED = ("derived__pk", "derived__version", "derived__status")
"""Of what was made of the video, whose sizes stand on its card: a row of the query for each."""
Row = tuple[Any, ...]
Face = tuple[object, ...]


def facts_of(jobs: Jobs) -> QuerySet[Job, Row]:
    """What `deal` is given of the jobs of a page: one narrow query."""
    # The page in a subquery of its own, since what was made of its videos would fill it up.
    return Job.objects.filter(pk__in=jobs.values("pk")).values_list(*FACTS, *DERIVED)


def groups_in(rows: Iterable[Row]) -> list[tuple[UUID, UUID | None, datetime]]:
    """The jobs of these facts in their order, each with its group of takes and its moment."""
    found = (Facts(*row[: len(FACTS)]) for row in rows)
    by_job = {facts.pk: (facts.take_group, facts.created_at) for facts in found}
    return [(pk, *of_one) for pk, of_one in by_job.items()]


def faces_of(rows: Iterable[Row], now: datetime, prices: PriceList) -> dict[Facts, Face]:
    """The facts of each job, and the face of its card."""
    derived: dict[Facts, list[Row]] = {}
    for row in rows:
        derived.setdefault(Facts(*row[: len(FACTS)]), []).append(row[len(FACTS) :])
    return {
        facts: (facts, frozenset(made), *_steps(facts, now), prices.mark)
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
