"""Hold the credits of what is ordered together and queue it; or park it and ask for them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from jobs import ledger, news, queue
from jobs.lifecycle.ordering import preconditions
from jobs.lifecycle.ordering.approving import lacking
from jobs.models import BudgetRequest, Image, Job, JobEvent, JobImage
from jobs.models.jobs.status import Status


def hold_or_park(
    jobs: Sequence[Job], images: Sequence[Image], *, may_park: bool, reason: str
) -> None:
    """Hold the credits of all of them, and queue those that await no pick; or park all of them
    without, and ask an admin, for this reason.

    Raises `NotEnough` of a frozen budget, and where they may not be parked.
    """
    try:
        with transaction.atomic():
            _insert(jobs, images)
            ledger.reserve(*jobs)
            _note(jobs, [f"{job.quote} credits reserved" for job in jobs])
            for job in jobs:
                if job.status == Status.QUEUED:
                    queue.start(job.pk)
    except ledger.NotEnough as short:
        if short.frozen or not may_park:
            raise
        _park(jobs, images, short, reason)


def _park(
    jobs: Sequence[Job], images: Sequence[Image], short: ledger.NotEnough, reason: str
) -> None:
    owner, project = jobs[0].owner, jobs[0].paid_project
    preconditions.require_place(owner)
    request = BudgetRequest.objects.create(
        requester=owner,
        project=project,
        credits=sum(job.quote for job in jobs),
        own_available=short.available if short.budget.owner else None,
        reason=reason,
    )
    for job in jobs:
        job.status, job.booked_on = Status.AWAITING_BUDGET, None
        job.error = lacking(short, owner, owner, takes=len(jobs))
        job.budget_request = request
    _insert(jobs, images)
    _note(jobs, [job.error for job in jobs])
    news.asked(request)


def _insert(jobs: Sequence[Job], images: Sequence[Image]) -> None:
    # In one statement, at one moment: nothing that others order comes to stand between them.
    Job.objects.bulk_create(jobs)
    JobImage.objects.bulk_create(
        JobImage(job=job, image=image, position=position)
        for job in jobs
        for position, image in enumerate(images)
    )


def _note(jobs: Sequence[Job], texts: Sequence[str]) -> None:
    JobEvent.objects.bulk_create(
        JobEvent(job=job, after=job.status, actor=job.owner, text=text)
        for job, text in zip(jobs, texts, strict=True)
    )
