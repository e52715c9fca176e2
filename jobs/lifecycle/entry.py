"""How a job comes in, and how it is called off before it was sent."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from jobs import clock, ledger, pricing, queue
from jobs.lifecycle.moves import move
from jobs.models import Credential, Job, JobEvent, Project, User
from jobs.models.status import Status

FIRST_WAKE_UP_SECONDS = 10
"""How long the first wake-up is given before the follower sends another."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person asks for, checked by the form: everything but who and on which click."""

    provider: str
    model: str
    prompt: str
    aspect_ratio: str
    resolution: str
    duration: int
    seed: int | None = None
    translate: bool = True
    watermark: str = ""
    project_id: int | None = None

    def digest(self) -> str:
        """The same for the same content, so that a reused submission key can be told apart."""
        content = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


class NotSubmitted(Exception):
    """Nothing was reserved or sent. `field` is the form field at fault, empty for none."""

    def __init__(self, user_message: str, *, field: str = "", cause: str = "") -> None:
        self.user_message = user_message
        self.field = field
        self.cause = cause
        super().__init__(user_message)


class SubmissionKeyReused(NotSubmitted):
    """This form was already sent with other content."""

    def __init__(self) -> None:
        super().__init__(
            "This form was already sent with other settings. "
            "Nothing was sent again; press Generate once more to make a new video."
        )


def submit(owner: User, submission: Submission, submission_key: UUID) -> Job:
    """Reserve the price and queue the job; the same key always gives the same job.

    Raises `NotSubmitted` with a sentence for people; nothing has changed then.
    """
    if job := _made_before(owner, submission, submission_key):
        return job
    credential = _key_for(owner, submission.provider)
    _require_disk()
    try:
        with transaction.atomic():
            job = _create(owner, submission, submission_key, credential)
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
    except ledger.NotEnough as short:
        raise _too_dear(short) from short
    except pricing.PriceUnknown as unknown:
        raise NotSubmitted(
            "There is no price for these settings. Ask an admin to add it on the Team page.",
            field="model",
            cause="price",
        ) from unknown
    return job


def retry(job: Job, by: User) -> Job:
    """A new job with the parameters of one that ended badly. Clicking twice gives the same one.

    Raises `NotSubmitted`.
    """
    if job.status not in (Status.FAILED, Status.CANCELED, Status.LOST):
        raise NotSubmitted("Only a job that ended without a video can be tried again.")
    return submit(by, submission_of(job), uuid5(NAMESPACE_URL, f"retry:{job.pk}"))


def submission_of(job: Job) -> Submission:
    """What was asked for with this job."""
    return Submission(
        provider=job.provider,
        model=job.model,
        prompt=job.prompt,
        aspect_ratio=job.aspect_ratio,
        resolution=job.resolution,
        duration=job.duration,
        seed=job.seed if job.seed_chosen else None,
        translate=job.translate,
        watermark=job.watermark,
        project_id=job.project_id,
    )


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


def _key_for(owner: User, provider: str) -> Credential:
    keys = Credential.objects.usable_by(owner).filter(provider=provider)
    credential = keys.first()
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


def _require_disk() -> None:
    folder = Path(settings.MEDIA_ROOT)
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if shutil.disk_usage(existing).free < settings.MEDIA_FREE_BYTES_MIN:
        raise NotSubmitted(
            "The server is almost out of disk space, so the video could not be kept. "
            "Nothing was sent. Please tell an admin.",
            cause="disk",
        )


def _create(owner: User, submission: Submission, key: UUID, credential: Credential) -> Job:
    quote = pricing.quote(
        provider=submission.provider,
        kind=Job.Kind.GENERATE,
        model=submission.model,
        mode="text",
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
        provider=submission.provider,
        model=submission.model,
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
