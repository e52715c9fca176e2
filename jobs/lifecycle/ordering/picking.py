"""A larger copy whose price is held until somebody picks the video that it is made of."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from jobs import ledger, queue
from jobs.lifecycle.moves import move, touch
from jobs.lifecycle.ordering import building_on, preconditions
from jobs.lifecycle.ordering.submission import NotSubmitted
from jobs.models import Job, User
from jobs.models.jobs.status import Status
from jobs.times import clock

PARAMETERS = ("provider", "model", "prompt", "aspect_ratio", "duration", "translate", "watermark")
"""What of its order a larger copy has from its video. The project that pays stays."""


def pick(job: Job, source: Job, text: str) -> None:
    """Order the larger copy of this video, for what is held. The first pick alone does.

    Raises `NotSubmitted` where it cannot be made of this one; it goes on waiting then.
    """
    preconditions.require_disk()
    wanted = building_on.upgrade_of(source, job.kind)
    with transaction.atomic():
        found = preconditions.lock_source(job.owner, wanted)
        key = preconditions.find_key(job.owner, wanted.provider, found)
        now = found or source
        if job.practice != settings.PRACTICE:
            raise NotSubmitted(
                "It was reserved in the other mode: practice and real videos are kept apart."
            )
        if not move(
            job.pk,
            (Status.AWAITING_PICK,),
            Status.QUEUED,
            text,
            source=source,
            project=now.project,
            title=now.title,
            credential=key,
            submission_digest=wanted.digest(),
            likeness=wanted.likeness([]),
            wake_at=clock.after(queue.FIRST_WAKE_UP_SECONDS),
            **{name: getattr(wanted, name) for name in PARAMETERS},
        ):
            raise NotSubmitted("It is no longer waiting for a pick.")
        queue.start(job.pk)


def remark(job: Job, text: str) -> None:
    """A line in the history of a job that stands where it stood."""
    touch(job, text)


@transaction.atomic
def withdraw(job: Job, text: str, by: User | None = None) -> bool:
    """Free what is held for a larger copy that nobody has picked yet; true if this call did it."""
    if not move(
        job.pk,
        (Status.AWAITING_PICK,),
        Status.CANCELED,
        text,
        actor=by,
        charged=0,
        finished_at=Now(),
        error_code=Job.NOT_PICKED,
        error=text,
    ):
        return False
    ledger.release(job, reason=text, actor=by)
    return True
