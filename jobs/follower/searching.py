"""Looks for a job whose id was lost among the ids that callbacks name for it.

A callback proves nothing. Only the provider's record of an id tells whether it is the job's.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from django.db.models import Case, DateTimeField, Exists, F, When
from django.db.models.functions import Now

from jobs import directory, lifecycle
from jobs.models import Job, WebhookEvent
from jobs.providers import errors
from jobs.times import clock

logger = logging.getLogger(__name__)

SEARCH_SECONDS = 10
LOOKUPS_MAX = 20
"""Lookups of an id whose record does not come."""
CALLBACKS_KEPT = 200
"""Of one job, when it is asked about."""
CANDIDATES_PER_ASK = 5
"""Ids from callbacks that are looked up for an uncertain job at a time."""


def forget_old_callbacks(job: Job) -> None:
    """Keep the newest callbacks only: whoever has a job's address cannot fill our disk with it."""
    newest = job.webhook_events.order_by("-id").values_list("pk", flat=True)
    for oldest_kept in newest[CALLBACKS_KEPT - 1 : CALLBACKS_KEPT]:
        job.webhook_events.filter(pk__lt=oldest_kept).delete()


def search(job: Job, key: str) -> None:
    """Look up the ids that callbacks named for a job that has none, a few at a time."""
    waiting = job.webhook_events.filter(verdict=WebhookEvent.Verdict.WAITING)
    # Least looked up first, so that nothing an attacker sends keeps the genuine one waiting.
    candidates = waiting.order_by("lookups", "-id").values_list("external_id", flat=True)
    for external_id in list(dict.fromkeys(candidates[:CANDIDATES_PER_ASK])):
        if _is_found(job, key, external_id):
            return
    more = WebhookEvent.objects.filter(job=job.pk, verdict=WebhookEvent.Verdict.WAITING)
    Job.objects.filter(pk=job.pk, external_id="", check_at__gt=Now()).update(
        check_at=Case(
            When(Exists(more), then=clock.after(SEARCH_SECONDS)),
            default=None,
            output_field=DateTimeField(),
        )
    )


def _is_found(job: Job, key: str, external_id: str) -> bool:
    """Ask about one candidate, and attach it if the answer proves that it is this job's."""
    events = WebhookEvent.objects.filter(
        job=job, external_id=external_id, verdict=WebhookEvent.Verdict.WAITING
    )
    events.update(lookups=F("lookups") + 1)
    try:
        snapshot = directory.client(job.provider).fetch(
            key, replace(job.work, external_id=external_id)
        )
    except (errors.KeyRejected, errors.Unreachable):
        raise
    except errors.ProviderError as error:
        logger.info("job %s: %s", job.pk, error)
        return False
    proven = lifecycle.is_proof(job, external_id, snapshot)
    if proven and lifecycle.attach(job, external_id):
        events.update(verdict=WebhookEvent.Verdict.ATTACHED)
        lifecycle.observe(job.pk, snapshot)
        return True
    if proven is None:
        # Nothing was disproved. The record may come; it is asked for again, and not for ever.
        events = events.filter(lookups__gte=LOOKUPS_MAX)
    if events.update(verdict=WebhookEvent.Verdict.REFUSED):
        logger.warning("job %s: a callback named %s, which is not its", job.pk, external_id)
    return False
