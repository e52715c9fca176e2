"""How a job comes in, and how it is called off before it was sent."""

from __future__ import annotations

import logging
import secrets
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs import clock, ledger, pricing, queue
from jobs.archive.room import has_room
from jobs.lifecycle import deriving
from jobs.lifecycle.moves import move
from jobs.lifecycle.submission import (
    NotSubmitted,
    Submission,
    SubmissionKeyReused,
    submission_of,
)
from jobs.models import Credential, Image, Job, JobEvent, JobImage, Project, User
from jobs.models.status import Status
from jobs.providers import PROVIDERS

logger = logging.getLogger(__name__)

FIRST_WAKE_UP_SECONDS = 10
"""How long the first wake-up is given before the follower sends another."""


def submit(owner: User, submission: Submission, submission_key: UUID) -> Job:
    """Reserve the price and queue the job; the same key always gives the same job.

    Raises `NotSubmitted` with a sentence for people; nothing has changed then.
    """
    if job := _made_before(owner, submission, submission_key):
        return job
    _require_disk()
    try:
        with transaction.atomic():
            source = _locked_source(owner, submission)
            credential = _key_for(owner, submission.provider, source)
            images = _images(owner, submission)
            job = _create(owner, submission, submission_key, credential)
            JobImage.objects.bulk_create(
                JobImage(job=job, image=image, position=position)
                for position, image in enumerate(images)
            )
            ledger.reserve(job)
            JobEvent.objects.create(
                job=job, after=Status.QUEUED, actor=owner, text=f"{job.quote} credits held"
            )
            queue.start(job.pk)
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
        raise _too_dear(short) from short
    except pricing.PriceUnknown as unknown:
        raise NotSubmitted(
            "There is no price for these settings. Ask an admin to add it on the Team page.",
            field="model",
            cause="price",
        ) from unknown
    except OperationalError as problem:
        # A full disk, or a lock that was held too long: what was begun is undone as a whole.
        logger.exception("a submission could not be stored")
        raise NotSubmitted(
            "The server could not store this just now. Nothing was sent. Try again: it is never "
            "made twice. If that does not help, please tell an admin.",
            cause="database",
        ) from problem
    return job


def retry(job: Job, by: User) -> Job:
    """A new job with the parameters of one that ended badly. Clicking twice gives the same one.

    Raises `NotSubmitted`.
    """
    if job.status not in (Status.FAILED, Status.CANCELED, Status.LOST):
        raise NotSubmitted("Only a job that ended without a video can be tried again.")
    return submit(by, submission_of(job), uuid5(NAMESPACE_URL, f"retry:{job.pk}"))


def cancel(job: Job, by: User) -> bool:
    """Call the job off if no worker has taken it yet. Whether that was in time."""
    with transaction.atomic():
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


def _locked_source(owner: User, submission: Submission) -> Job | None:
    """The video that this builds on, unless the rules forbid it.

    Its row is locked until the transaction ends: of an extension and a 1080p copy that are asked
    for at once, the second must see the first.
    """
    if not submission.source_id:
        return None
    rows = Job.objects.visible_to(owner).filter(pk=submission.source_id)
    if not rows.update(version=F("version")):
        raise NotSubmitted("The video that this builds on is not there.")
    source = rows.select_related("owner", "credential").prefetch_related("derived").get()
    if reason := deriving.refusal(source, submission.kind, owner):
        raise NotSubmitted(reason, cause="source")
    return source


def _key_for(owner: User, provider: str, source: Job | None) -> Credential:
    """The person's key; for work on a video, the key it was made with: it lies in that account."""
    keys = Credential.objects.usable_by(owner).filter(provider=provider)
    credential = source.credential if source else keys.first()
    if credential is None and source:
        raise NotSubmitted(
            "The key that this video was made with is gone, and the video lies in its account.",
            cause="key",
        )
    if credential is None:
        raise NotSubmitted(
            "You have no key for this provider yet. Add one on the Keys page.",
            field="provider",
            cause="key",
        )
    if credential.state == Credential.State.REJECTED:
        raise NotSubmitted(
            f"The key ending in {credential.last_four} is not accepted by the provider. "
            "Replace it on the Keys page.",
            field="provider",
            cause="key",
        )
    return credential


def _images(owner: User, submission: Submission) -> list[Image]:
    """The images in their order; the form has counted them."""
    if not submission.image_ids:
        return []
    if not PROVIDERS[submission.provider].takes_uploads and not settings.CALLBACK_BASE:
        raise NotSubmitted(
            f"{PROVIDERS[submission.provider].label} fetches images from a public address, and "
            "this server has none. Ask an admin to set PUBLIC_URL.",
            field="images",
            cause="public-url",
        )
    seen = Image.objects.visible_to(owner).filter(pk__in=submission.image_ids)
    found = {str(image.pk): image for image in seen}
    # Locked until the job is committed: what nobody uses is thrown away every night.
    kept = Image.objects.filter(pk__in=found).update(created_at=Now())
    if kept < len(set(submission.image_ids)):
        raise NotSubmitted("An image is not there any more. Choose it again.", field="images")
    return [found[image_id] for image_id in submission.image_ids]


def _require_disk() -> None:
    if not has_room():
        raise NotSubmitted(
            "The server is almost out of disk space, so the video could not be kept. "
            "Nothing was sent. Please tell an admin.",
            cause="disk",
        )


def _create(owner: User, submission: Submission, key: UUID, credential: Credential) -> Job:
    quote = pricing.quote(
        provider=submission.provider,
        kind=submission.kind,
        model=submission.model,
        mode="image" if submission.image_ids else "text",
        resolution=submission.resolution,
    )
    project = (
        Project.objects.filter(pk=submission.project_id).first() if submission.project_id else None
    )
    return Job.objects.create(
        owner=owner,
        project=project,
        credential=credential,
        practice=credential.practice,
        submission_key=key,
        submission_digest=submission.digest(),
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
        seed=submission.seed or 10_000 + secrets.randbelow(90_000),
        seed_chosen=submission.seed is not None,
        translate=submission.translate,
        watermark=submission.watermark,
        quote=quote,
        wake_at=clock.after(FIRST_WAKE_UP_SECONDS),
    )


def _too_dear(short: ledger.NotEnough) -> NotSubmitted:
    if short.frozen:
        return NotSubmitted(
            "Your budget is being checked because its figures did not add up. "
            "Nothing was sent. Please tell an admin.",
            cause="frozen",
        )
    return NotSubmitted(
        f"This needs {short.needed:,} credits, you have {short.available:,}. "
        "Choose a cheaper model or ask an admin for more.",
        cause="budget",
    )
