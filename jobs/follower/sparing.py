"""How far apart the questions about a job are at least, where many hundreds are under way.

A provider that calls back says when there is something to ask. What is asked meanwhile is for the
call that never comes: thousands of such questions would take processors and database from people's
pages, and who was called would wait behind them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from django.db.models import Count

from jobs.models import Job, WebhookEvent
from jobs.models.jobs.status import Status
from jobs.providers.models import ORDINARY
from jobs.times import clock

UNCALLED_PER_SECOND = 10
"""Questions about jobs of which a call is to come, of all followers together."""
COUNT_SECONDS = 10
CALLED_WITHIN = 600
"""Seconds since a provider's last call, after which nobody relies on the next."""
CALLS = 64
"""The latest, by which it is known who calls."""


class Crowd:
    """How many jobs are under way with each key, as it was some seconds ago."""

    def __init__(self) -> None:
        self._pauses: Mapping[int | None, float] = {}
        self._next = 0.0

    def count(self) -> None:
        """Look anew, if it is time to."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + COUNT_SECONDS
        running = Job.objects.filter(status=Status.RUNNING, credential__isnull=False).order_by()
        by_key = list(running.values_list("credential", "provider").annotate(Count("pk")))
        # Each key has the same share: of who has few under way each is asked about as ever.
        share = UNCALLED_PER_SECOND / max(len(by_key), 1)
        callers = _callers() if by_key else set()
        pauses = {key: number / share for key, provider, number in by_key if provider in callers}
        longest = ORDINARY.slowest_seconds
        self._pauses = {key: pause for key, pause in pauses.items() if pause > longest}

    def least_pause(self, job: Job) -> float:
        """Seconds until this job is asked about again, at least, if nobody calls us for it."""
        return self._pauses.get(job.credential_id, 0.0)


def _callers() -> set[str]:
    """The providers of whom a call came lately: an address alone says not that it is reached."""
    latest = list(WebhookEvent.objects.order_by("-pk").values_list("pk", flat=True)[:CALLS])
    calls = WebhookEvent.objects.filter(pk__in=latest, received_at__gt=clock.after(-CALLED_WITHIN))
    return set(calls.values_list("job__provider", flat=True))


crowd = Crowd()
"""Of this process."""
