"""Gives each file to one worker at a time, and to half of a machine's workers at most."""

from __future__ import annotations

import time
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from jobs import queue
from jobs.archive.fetching.download import NotNow
from jobs.models import Rendition
from jobs.models.jobs.rendition import RenditionQuerySet
from jobs.times import clock

LEASE_SECONDS = 60
"""Seconds that a worker at a file may be silent before another takes the file over."""
BEAT_SECONDS = 10
BUSY_SECONDS = 5
"""Until a file is looked at again that met busy workers, should none of them wake it before."""


def claim(rendition_id: UUID) -> Rendition | None:
    """The file for this worker alone; None where another has it, or it was put off."""
    free = _waiting(rendition_id).not_put_off()
    if not free.update(
        state=Rendition.State.FETCHING,
        attempts=F("attempts") + 1,
        try_at=clock.after(LEASE_SECONDS),
        not_before=None,
        missing_host="",
    ):
        return None
    return Rendition.objects.select_related("job__credential", "job__source").get(pk=rendition_id)


def leave(rendition_id: UUID) -> None:
    """Leave it to the worker that is free first: all that may be at files here are."""
    _waiting(rendition_id).not_put_off().update(try_at=clock.after(BUSY_SECONDS))


def wake_next() -> None:
    """Have the next of the files that met busy workers fetched, since one of them is free."""
    soon = clock.after(BUSY_SECONDS)
    rows = Rendition.objects.filter(state=Rendition.State.WAITING, try_at__lte=soon).not_put_off()
    for rendition_id in rows.fairly().values_list("pk", flat=True)[:1]:
        with transaction.atomic():
            # Nobody else who is free now wakes it as well.
            taken = rows.filter(pk=rendition_id)
            if taken.update(try_at=clock.after(queue.FIRST_WAKE_UP_SECONDS)):
                queue.store(rendition_id)


def _waiting(rendition_id: UUID) -> RenditionQuerySet:
    return Rendition.objects.filter(pk=rendition_id, state=Rendition.State.WAITING)


class Lease:
    """Says again and again that this worker is still at its file."""

    def __init__(self, rendition: Rendition) -> None:
        self._rendition = rendition
        self._renew_at = 0.0

    def beat(self) -> None:
        """Renew the lease if it is time to. Raises `NotNow` where another worker has taken over."""
        if time.monotonic() < self._renew_at:
            return
        if not held(self._rendition).update(try_at=clock.after(LEASE_SECONDS)):
            raise NotNow("another worker took it over")
        self._renew_at = time.monotonic() + BEAT_SECONDS


def held(rendition: Rendition) -> QuerySet[Rendition]:
    """The row, as long as this worker's claim is the latest one."""
    return Rendition.objects.filter(
        pk=rendition.pk, state=Rendition.State.FETCHING, attempts=rendition.attempts
    )
