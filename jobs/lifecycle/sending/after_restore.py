"""Of a restored database: nothing that may have been sent since is sent again."""

from __future__ import annotations

from django.db.models.functions import Coalesce, Now

from jobs.lifecycle.moves import move
from jobs.lifecycle.sending.accepting import accept, now_if_called
from jobs.models import Job
from jobs.models.jobs.status import Status
from jobs.providers.base import UPGRADES

RESTORED = "restored"
"""The error code of a job that is in doubt because the database was restored."""
UNSENT = (Status.QUEUED, Status.SUBMITTING)
"""What has no id of the provider's yet, and would be sent, or is being sent, without a person."""


def doubt_unsent(text: str) -> int:
    """Put every job in doubt that may have been sent after the moment the database tells of.

    A larger copy may be asked for once more at no cost, which tells what became of it: as after a
    lost answer it counts as running. Call in a transaction in which nobody else claims a job.
    Returns how many need a look.
    """
    return sum(_doubt(job, text) for job in _unsent())


def _unsent() -> list[Job]:
    return list(Job.objects.filter(status__in=UNSENT).select_related("source").in_turn())


def _doubt(job: Job, text: str) -> bool:
    was_moved = move(
        job.pk,
        UNSENT,
        Status.UNCERTAIN,
        text,
        lease_until=None,
        # The latest moment at which it can have been sent, where it tells of none.
        sent_at=Coalesce("sent_at", Now()),
        check_at=now_if_called(None),
        error_code=RESTORED,
        error=text[:500],
    )
    if was_moved and job.kind in UPGRADES and job.source is not None:
        accept(
            job.pk,
            job.source.external_id,
            None,
            pace=job.pace,
            is_confirmed=False,
            text="Sending it once more will tell, at no extra cost.",
        )
        return False
    return was_moved
