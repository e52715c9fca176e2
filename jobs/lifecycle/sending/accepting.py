"""End a request that may have gone out: its job is accepted, doubtful or abandoned.

A doubtful upgrade is not left in doubt: asking for it again is the documented way to wait for it
(docs/contracts.md, kie 4), so it counts as running under the id of its source, and is asked about.
"""

from __future__ import annotations

import logging
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Case, DateTimeField, QuerySet, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from jobs.lifecycle.moves import move, touch
from jobs.lifecycle.outcome.cadence import first_check_seconds
from jobs.models import Job, prepared
from jobs.models.jobs.status import Status
from jobs.providers.base import UPGRADES
from jobs.providers.errors import OutcomeUnknown
from jobs.providers.models import ORDINARY, Pace
from jobs.times import clock

logger = logging.getLogger(__name__)


def accept(
    job_id: UUID,
    external_id: str,
    credits: Decimal | None,
    *,
    claim: int | None = None,
    pace: Pace = ORDINARY,
    text: str = "Accepted by the provider",
    is_confirmed: bool = True,
) -> bool:
    """Record that the provider took the job. False where it stands elsewhere by now.

    Raises `django.db.Error` when nothing could be recorded.
    """
    first = first_check_seconds(pace)
    try:
        with transaction.atomic():
            was_moved = move(
                job_id,
                (Status.SUBMITTING, Status.UNCERTAIN),
                Status.RUNNING,
                text,
                claim=claim,
                shape=("accepted", first),
                external_id=external_id,
                lease_until=None,
                check_at=now_if_called(clock.after(first)),
                is_confirmed=is_confirmed,
                unreached_since=None,
                error_code="",
                error="",
            )
            if was_moved and credits is not None:
                told = {"provider_credits_estimated": credits}
                prepared.update("estimated", _not_estimated, told, job_id)
    except IntegrityError:
        # The id already belongs to another job, so it proves nothing about this one.
        move(
            job_id,
            (Status.SUBMITTING,),
            Status.UNCERTAIN,
            "The provider answered with the ID of another video",
            claim=claim,
            lease_until=None,
            error_code="foreign-id",
            error=OutcomeUnknown.default_message,
        )
        return True
    if not was_moved:
        return _late(job_id, external_id)
    return True


def _not_estimated(job_id: UUID) -> QuerySet[Job]:
    """A price that was taken over is the provider's own: its answer has what we declare."""
    return Job.objects.filter(pk=job_id, provider_credits_estimated=None)


def doubt(job: Job, text: str, *, code: str, claim: int | None = None) -> bool:
    """Record that nobody knows whether the provider took the job; true if this call did it."""
    if job.kind in UPGRADES and job.source is not None:
        return accept(
            job.pk,
            job.source.external_id,
            None,
            claim=claim,
            pace=job.pace,
            is_confirmed=False,
            text=f"{text} Sending it once more will tell, at no extra cost.",
        )
    return move(
        job.pk,
        (Status.SUBMITTING,),
        Status.UNCERTAIN,
        text,
        claim=claim,
        lease_until=None,
        check_at=now_if_called(None),
        error_code=code,
        error=text[:500],
    )


def abandon() -> int:
    """Give up on claims whose worker is gone: nobody knows whether they were sent."""
    text = (
        "Our worker stopped while sending it. We don’t send it again, so you can’t be charged "
        "twice."
    )
    gone = prepared.rows("abandoned", lambda: Job.objects.abandoned().select_related("source"))
    # Only the claim whose lease ran out: the job may have been taken up again since.
    return sum(doubt(job, text, code="worker-gone", claim=job.claims) for job in gone)


def _late(job_id: UUID, external_id: str) -> bool:
    """Attach the id to a job that was judged without it; true if it is the job's own by then."""
    job = Job.objects.get(pk=job_id)
    if job.external_id or job.status not in (Status.FAILED, Status.LOST):
        return job.external_id == external_id
    try:
        # Judged before its answer was found: the id brings late proof.
        touch(job, "Its ID was found", external_id=external_id, check_at=Now())
    except IntegrityError:
        logger.error(("the id %s found for job %s is another job's"), external_id, job_id)
        return False
    return True


def now_if_called(otherwise: Combinable | None) -> Case:
    """The moment to ask: at once if the job's callback overtook the answer."""
    return Case(
        When(nudged_at__isnull=False, then=Now()),
        default=otherwise,
        output_field=DateTimeField(),
    )
