"""The rows of cards that are rendered anew, found by questions that are put together once.

What one video's change costs all who look on is mostly this, and Django would spend three
quarters of it on the words of its questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from jobs.models import Job, Rendition, prepared
from jobs.views.jobs.cards.kept.facts import RESTING, Facts


def rows_of(cards: Sequence[Facts]) -> list[Job]:
    """The jobs of these as `JobQuerySet.for_cards` finds them, as far as they are still there."""
    found = _jobs(facts.pk for facts in cards)
    # Before its end a job has no file, and nothing that was made of it.
    over = [job.pk for job in found if job.status in RESTING]
    made = _made_of(over)
    files = _files_of([*over, *(job.pk for job in made)])
    prepared.attach(made, "renditions", files)
    prepared.attach(found, "derived", made)
    prepared.attach(found, "renditions", files)
    return found


def _jobs(ids: Iterable[UUID]) -> list[Job]:
    some = prepared.padded(ids)
    return prepared.rows(("cards", len(some)), _among, *some) if some else []


def _among(*ids: UUID) -> QuerySet[Job]:
    return Job.objects.filter(pk__in=ids).for_cards_without_files()


def _made_of(ids: Iterable[UUID]) -> list[Job]:
    some = prepared.padded(ids)
    return prepared.rows(("made of cards", len(some)), _derived, *some) if some else []


def _derived(*ids: UUID) -> QuerySet[Job]:
    return Job.objects.filter(source__in=ids)


def _files_of(ids: Iterable[UUID]) -> list[Rendition]:
    some = prepared.padded(ids)
    return prepared.rows(("files of cards", len(some)), _files, *some) if some else []


def _files(*ids: UUID) -> QuerySet[Rendition]:
    return Rendition.objects.filter(job__in=ids)
