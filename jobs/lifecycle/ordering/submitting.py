"""Take a job in, and call it off before it was sent."""

from __future__ import annotations

import logging
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs import database, ledger, pricing, queue
from jobs.lifecycle.moves import move
from jobs.lifecycle.ordering import preconditions
from jobs.lifecycle.ordering.approving import too_dear, withdraw_request
from jobs.lifecycle.ordering.drafts.promoting import full_price
from jobs.lifecycle.ordering.holding import hold_or_park
from jobs.lifecycle.ordering.picking import withdraw
from jobs.lifecycle.ordering.submission import (
    NO_PRICE,
    NotSubmitted,
    Submission,
    SubmissionKeyReused,
    submission_of,
)
from jobs.lifecycle.ordering.takes import Take, keys_of, seeds_of, takes_of
from jobs.models import BudgetRequest, Credential, Image, Job, User, prepared
from jobs.models.jobs.status import Status
from jobs.providers.base import UPGRADES
from jobs.times import clock

logger = logging.getLogger(__name__)


def submit(
    owner: User,
    submission: Submission,
    submission_key: UUID,
    *,
    may_park: bool = True,
    until_picked: bool = False,
) -> Job:
    """Order one video, as `submit_takes` does. With `until_picked` its price is held and nothing is
    sent before `pick` says of which video it is to be.
    """
    takes = takes_of(owner, submission, submission_key, 1)
    return _submit(owner, takes, may_park=may_park, until_picked=until_picked)[0]


def submit_takes(
    owner: User,
    submission: Submission,
    submission_key: UUID,
    number: int,
    *,
    may_park: bool = True,
    reason: str = "",
) -> list[Job]:
    """Reserve the price of so many takes and queue them, all or none; the same key always gives
    the same ones.

    What the budget does not hold is parked with everything it was to be made of, for an admin to
    approve, who reads the `reason`; with `may_park` false it is refused. Raises `NotSubmitted` with
    a sentence for people; nothing has changed then.
    """
    takes = takes_of(owner, submission, submission_key, number)
    return _submit(owner, takes, may_park=may_park, reason=reason)


def _submit(
    owner: User,
    takes: list[Take],
    *,
    may_park: bool,
    until_picked: bool = False,
    reason: str = "",
) -> list[Job]:
    if jobs := _made_before(owner, takes):
        return jobs
    preconditions.require_disk()
    submission = takes[0].submission
    try:
        preconditions.take_turn(owner, len(takes))
        with transaction.atomic():
            source = preconditions.lock_source(owner, submission)
            draft = preconditions.lock_draft(owner, submission)
            credential = preconditions.find_key(owner, submission.provider, source)
            images = preconditions.lock_images(owner, submission)
            jobs = _jobs(owner, takes, credential, images, source, draft)
            if until_picked:
                jobs[0].status = Status.AWAITING_PICK
            hold_or_park(jobs, images, may_park=may_park, reason=reason)
    except IntegrityError:
        # A parallel click with the same key was faster; anything else is a bug and shows itself.
        if jobs := _made_before(owner, takes):
            return jobs
        raise
    except NotSubmitted:
        # Looked at before its twin was committed, refused after: the twin is the answer.
        if jobs := _made_before(owner, takes):
            return jobs
        raise
    except ledger.NotEnough as short:
        raise too_dear(short, owner, len(takes)) from short
    except pricing.PriceUnknown as unknown:
        raise NotSubmitted(NO_PRICE, field="model", cause="price") from unknown
    except OperationalError as problem:
        # A full disk, or a lock that was held too long: what was begun is undone as a whole.
        database.broke(problem, logger, "a submission could not be stored")
        raise NotSubmitted(
            "The server couldn’t save this. Nothing was sent. Try again: it is never made twice. "
            "If it keeps failing, please tell an admin.",
            cause="database",
        ) from problem
    return jobs


def retry(job: Job, by: User) -> Job:
    """A new job with the parameters of one that ended badly. Clicking twice gives the same one.

    Raises `NotSubmitted`.
    """
    if job.status not in (Status.FAILED, Status.CANCELED, Status.LOST):
        raise NotSubmitted("Only a video that wasn’t made can be retried.")
    key = uuid5(NAMESPACE_URL, f"retry:{job.pk}")
    # Also where the job was filed elsewhere since, for which its order would be another.
    again = Job.objects.filter(owner=by, submission_key=key).first()
    return again or submit(by, submission_of(job), key)


def cancel(job: Job, by: User) -> bool:
    """Call the job off if no worker has taken it yet; true if that was in time.

    Of several takes that wait for their budget the others go on waiting, for what they need.
    """
    with transaction.atomic():
        if withdraw(job, "Its credits were released before a video was picked", by):
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
            withdraw_request(job, by)
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


def _made_before(owner: User, takes: list[Take]) -> list[Job]:
    """What this order has become already; nothing where it is new."""
    made = prepared.rows("made before", _of_keys, owner.pk, *keys_of(takes[0].key))
    found = {job.submission_key: job for job in made}
    if found and found.keys() != {take.key for take in takes}:
        raise SubmissionKeyReused
    jobs = [found[take.key] for take in takes] if found else []
    for job, take in zip(jobs, takes, strict=False):
        if job.submission_digest != take.submission.digest():
            raise SubmissionKeyReused
    return jobs


def _of_keys(owner_id: int, *keys: UUID) -> QuerySet[Job]:
    return Job.objects.filter(owner=owner_id, submission_key__in=keys)


def _jobs(
    owner: User,
    takes: list[Take],
    credential: Credential,
    images: list[Image],
    source: Job | None,
    draft: Job | None,
) -> list[Job]:
    """The jobs as they are to be, not stored yet. Raises `PriceUnknown`."""
    submission = takes[0].submission
    models = [preconditions.require_model(take.submission) for take in takes]
    prices = pricing.PriceList()
    quote = pricing.quote(submission, prices)
    project = source.project if source else preconditions.find_project(submission)
    in_full = full_price(submission, project) if submission.is_draft else None
    named = draft or (source if submission.kind in UPGRADES else None)
    # One day for all: they are held together, and midnight may pass while they are put together.
    day = ledger.today()
    return [
        Job(
            owner=owner,
            payer=owner,
            project=project,
            paid_project=project,
            credential=credential,
            practice=credential.practice,
            submission_key=take.key,
            submission_digest=take.submission.digest(),
            likeness=take.submission.likeness(images),
            kind=submission.kind,
            source_id=submission.source_id or None,
            provider=submission.provider,
            model=submission.model,
            mode=submission.mode,
            prompt=submission.prompt,
            title=named.title if named else "",
            aspect_ratio=submission.aspect_ratio,
            resolution=submission.resolution,
            duration=submission.duration,
            span_start=submission.span_start,
            span_end=submission.span_end,
            seed=seed,
            seed_chosen=submission.seed is not None,
            translate=submission.translate and models[0].translates,
            watermark=submission.watermark,
            is_draft=submission.is_draft,
            full_price=in_full,
            draft=draft,
            take_group=take.group,
            take=take.number,
            quote=quote,
            provider_credits_estimated=prices.published(submission),
            booked_on=day,
            wake_at=clock.after(queue.FIRST_WAKE_UP_SECONDS),
        )
        for take, seed in zip(takes, seeds_of(takes, models[0].seeds), strict=True)
    ]
