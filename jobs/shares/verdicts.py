"""What visitors of links decided, by video: a pick or an approval is news wherever it is shown."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from jobs.models import ReviewNote, prepared
from jobs.providers.base import UPGRADES
from jobs.shares.takes import root_of

ORDER = (ReviewNote.Kind.PICK, ReviewNote.Kind.APPROVE, ReviewNote.Kind.CHANGES)


def verdicts_on(videos: Collection[UUID]) -> dict[UUID, list[ReviewNote]]:
    """The verdicts that still count, of each of these videos that has some, at whatever size it was
    shown: picks first, the newest of a kind first. One query, with each one's link.
    """
    found: dict[UUID, list[ReviewNote]] = {}
    some = prepared.padded(videos)
    for note in prepared.rows(("verdicts", len(some)), _standing, *some) if some else ():
        if (video := root_of(note.take.rendition.job)) is not None:
            found.setdefault(video, []).append(note)
    for notes in found.values():
        notes.sort(key=lambda note: ORDER.index(note.kind))
    return found


def _standing(*videos: UUID) -> QuerySet[ReviewNote]:
    job = "take__rendition__job"
    shown = Q(**{f"{job}__in": videos})
    copies = Q(**{f"{job}__source__in": videos, f"{job}__kind__in": UPGRADES})
    rows = ReviewNote.objects.filter(shown | copies, kind__in=ORDER, is_replaced=False)
    return rows.select_related("link", job).order_by("-pk")
