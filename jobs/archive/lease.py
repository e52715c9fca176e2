"""Gives each file to one worker at a time, and to half of the workers at most."""

from __future__ import annotations

import time
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs import clock, queue
from jobs.archive.download import NotNow
from jobs.models import Rendition

LEASE_SECONDS = 60
"""Seconds that a worker at a file may be silent before another takes the file over. Short, since
the files of killed workers count as busy until then.
"""
BEAT_SECONDS = 10
BUSY_SECONDS = 5
"""Until a file is looked at again that met busy workers, should none of them wake it before."""


def claim(rendition_id: UUID) -> Rendition | None:
    """The file for this worker alone; None where another has it, or too many are at files now."""
    busy = Rendition.objects.filter(state=Rendition.State.FETCHING, try_at__gt=Now()).count()
    if busy >= max(settings.Q_CLUSTER["workers"] // 2, 1):
        # Slow transfers may not take all the workers: submissions have to go out.
        Rendition.objects.filter(pk=rendition_id, state=Rendition.State.WAITING).update(
            try_at=clock.after(BUSY_SECONDS)
        )
        return None
    if not Rendition.objects.filter(pk=rendition_id, state=Rendition.State.WAITING).update(
        state=Rendition.State.FETCHING,
        attempts=F("attempts") + 1,
        try_at=clock.after(LEASE_SECONDS),
        missing_host="",
    ):
        return None
    return Rendition.objects.select_related("job__credential", "job__source").get(pk=rendition_id)


def wake_next() -> None:
    """Have the file that met busy workers first fetched now, since one of them is free."""
    soon = clock.after(BUSY_SECONDS)
    waits = Rendition.objects.filter(state=Rendition.State.WAITING, try_at__lte=soon)
    if rendition := waits.order_by("try_at").first():
        queue.store(rendition.pk)


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
