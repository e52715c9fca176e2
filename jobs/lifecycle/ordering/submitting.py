"""Take a job in, and call it off before it was sent."""

from __future__ import annotations

import logging
import secrets
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs import clock, ledger, pricing, queue
from jobs.lifecycle.moves import move
from jobs.lifecycle.ordering import preconditions
from jobs.lifecycle.ordering.approving import lacking
from jobs.lifecycle.ordering.picking import withdraw
from jobs.lifecycle.ordering.submission import (
    NotSubmitted,
    Submission,
    SubmissionKeyReused,
    submission_of,
)
from jobs.models import (
    BudgetRequest,
    Credential,
    Image,
    Job,
    JobEvent,
    JobImage,
    User,
)
from jobs.models.jobs.status import Status

logger = logging.getLogger(__name__)

FIRST_WAKE_UP_SECONDS = 10
"""Seconds that the first wake-up is given before the follower sends another."""


def submit(
    owner: User,
    submission: Submission,
    submission_key: UUID,
    *,
    may_park: bool = True,
    until_picked: bool = False,
) -> Job:
    """Reserve the price and queue the job; the same key always gives the same job.

    What the budget does not hold is parked with everything it was to be made of, for an admin to
    approve; with `may_park` false it is refused. With `until_picked` its price is held and nothing
    is sent before `pick` says of which video it is to be. Raises `NotSubmitted` with a sentence
    for people; nothing has changed then.
    """
    if job := _made_before(owner, submission, submission_key):
        return job
    preconditions.require_disk()
    try:
        preconditions.take_turn(owner)
        with transaction.atomic():
            source = preconditions.lock_source(owner, submission)
            credential = preconditions.find_key(owner, submission.provider, source)
            images = preconditions.lock_images(owner, submission)
            job = _job(owner, submission, submission_key, credential, images)
            if until_picked:
                job.status = Status.AWAITING_PICK
            _hold_or_park(job, images, may_park=may_park)
    except IntegrityError:
        # A parallel click with the same key was faster; anything else is a bug and shows itself.
        if job := _made_before(owner, submission, submission_key):
            return job
        raise
    except NotSubmitted:
        # Looked at before its twin was committed, refused after: the twin is the answer.
        if job := _made_before(owner, submission, submission_key):
            return job
        raise
    except ledger.NotEnough as short:
        raise _too_dear(short, owner) from short
    except pricing.PriceUnknown as unknown:
        raise NotSubmitted(
            "These settings have no price yet. Ask an admin to add one on the Team page.",
            field="model",
            cause="price",
        ) from unknown
    except OperationalError as problem:
        # A full disk, or a lock that was held too long: what was begun is undone as a whole.
        logger.exception("a submission could not be stored")
        raise NotSubmitted(
            "The server couldn’t save this. Nothing was sent. Try again: it is never made twice. "
            "If it keeps failing, please tell an admin.",
            cause="database",
        ) from problem
    return job


def retry(job: Job, by: User) -> Job:
    """A new job with the parameters of one that ended badly. Clicking twice gives the same one.

    Raises `NotSubmitted`.
    """
    if job.status not in (Status.FAILED, Status.CANCELED, Status.LOST):
        raise NotSubmitted("Only a video that wasn’t made can be retried.")
    return submit(by, submission_of(job), uuid5(NAMESPACE_URL, f"retry:{job.pk}"))


def cancel(job: Job, by: User) -> bool:
    """Call the job off if no worker has taken it yet; true if that was in time."""
    with transaction.atomic():
        if withdraw(job, "Its credits were released before a take was picked", by):
            return True
        # The request before the job, as whoever decides it takes them.
        BudgetRequest.objects.filter(job=job).update(state=F("state"))
        if move(
            job.pk,
            (Status.AWAITING_BUDGET,),
            Status.CANCELED,
            "Canceled before its budget was decided",
            actor=by,
            charged=0,
            finished_at=Now(),
            error="",
        ):
            BudgetRequest.objects.filter(job=job, state=BudgetRequest.State.OPEN).update(
                state=BudgetRequest.State.WITHDRAWN, decided_by=by, decided_at=Now()
            )
            return True
        if not move(
            job.pk,
            (Status.QUEUED,),
            Status.CANCELED,
            "Nothing was charged",
            actor=by,
            charged=0,
            finished_at=Now(),
            error="",
            error_code="",
        ):
            return False
        ledger.release(job, reason="Canceled before it was sent", actor=by)
    return True


def _made_before(owner: User, submission: Submission, submission_key: UUID) -> Job | None:
    job = Job.objects.filter(owner=owner, submission_key=submission_key).first()
    if job and job.submission_digest != submission.digest():
        raise SubmissionKeyReused
    return job


def _hold_or_park(job: Job, images: list[Image], *, may_park: bool) -> None:
    """Hold the job's credits, and queue it unless it awaits a pick; or park it without, and ask
    for them.

    Raises `NotEnough` of a frozen budget, and where it may not be parked.
    """
    try:
        with transaction.atomic():
            _insert(job, images)
            ledger.reserve(job)
            JobEvent.objects.create(
                job=job, after=job.status, actor=job.owner, text=f"{job.quote} credits reserved"
            )
            if job.status == Status.QUEUED:
                queue.start(job.pk)
    except ledger.NotEnough as short:
        if short.frozen or not may_park:
            raise
        preconditions.require_place(job.owner)
        job.status, job.booked_on = Status.AWAITING_BUDGET, None
        job.error = lacking(short, job.owner, job.owner)
        _insert(job, images)
        JobEvent.objects.create(
            job=job, after=Status.AWAITING_BUDGET, actor=job.owner, text=job.error
        )
        BudgetRequest.objects.create(
            requester=job.owner,
            job=job,
            project=job.project,
            credits=job.quote,
            own_available=short.available if short.budget.owner else None,
        )


def _insert(job: Job, images: list[Image]) -> None:
    job.save(force_insert=True)
    JobImage.objects.bulk_create(
        JobImage(job=job, image=image, position=position) for position, image in enumerate(images)
    )


def _job(
    owner: User, submission: Submission, key: UUID, credential: Credential, images: list[Image]
) -> Job:
    """The job as it is to be, not stored yet. Raises `PriceUnknown`."""
    quote = pricing.quote(
        provider=submission.provider,
        kind=submission.kind,
        model=submission.model,
        mode=submission.mode,
        resolution=submission.resolution,
    )
    seeds = preconditions.require_model(submission).seeds
    return Job(
        owner=owner,
        payer=owner,
        project=preconditions.find_project(submission),
        credential=credential,
        practice=credential.practice,
        submission_key=key,
        submission_digest=submission.digest(),
        likeness=submission.likeness(images),
        kind=submission.kind,
        source_id=submission.source_id or None,
        provider=submission.provider,
        model=submission.model,
        mode=submission.mode,
        prompt=submission.prompt,
        aspect_ratio=submission.aspect_ratio,
        resolution=submission.resolution,
        duration=submission.duration,
        # A seed of ours where none was chosen: the provider may echo it, which is how an
        # uncertain job can be proved later.
        seed=secrets.choice(seeds) if submission.seed is None else submission.seed,
        seed_chosen=submission.seed is not None,
        translate=submission.translate,
        watermark=submission.watermark,
        quote=quote,
        booked_on=ledger.today(),
        wake_at=clock.after(FIRST_WAKE_UP_SECONDS),
    )


def _too_dear(short: ledger.NotEnough, owner: User) -> NotSubmitted:
    if short.frozen:
        return NotSubmitted(
            "A budget is frozen because its figures don’t add up. Nothing was sent. Please tell "
            "an admin.",
            cause="frozen",
        )
    sentence = f"{lacking(short, owner, owner)} Ask an admin for more."
    return NotSubmitted(sentence, cause="budget")
