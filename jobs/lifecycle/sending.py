"""The one paid request: claimed, witnessed, sent at most once, and never guessed about."""

from __future__ import annotations

import logging
import random
import time
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseProblem
from django.db import IntegrityError, transaction
from django.db.models import Case, DateTimeField, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.urls import reverse

from jobs import clock, directory, ledger, spool, vault
from jobs.lifecycle.cadence import first_check_seconds
from jobs.lifecycle.claims import PAUSE_SECONDS, Claim, take
from jobs.lifecycle.moves import move, touch
from jobs.models import Credential, Job
from jobs.models.status import Status
from jobs.providers import errors
from jobs.providers.base import Provider, Receipt, VideoRequest

logger = logging.getLogger(__name__)

ATTEMPTS_MAX = 6


def start(job_id: UUID) -> None:
    """Send a queued job to its provider, if this worker wins the permission to."""
    claim = take(job_id)
    if claim is None:
        return
    job, credential = claim.job, claim.credential
    try:
        receipt = _send(claim)
    except errors.KeyRejected as error:
        mark(credential, Credential.State.REJECTED, error)
        _again(claim, error.user_message, PAUSE_SECONDS, code=Job.PAUSED)
    except errors.NotAccepted as error:
        _put_off(claim, error)
    except errors.Refused as error:
        if isinstance(error, errors.OutOfProviderCredits):
            mark(credential, Credential.State.EMPTY, error)
        _refuse(claim, error)
    except errors.OutcomeUnknown as error:
        _doubt(claim, error.user_message)
    except vault.Unreadable:
        mark(credential, Credential.State.REJECTED, None)
        _again(claim, "The key cannot be opened. Enter it again.", PAUSE_SECONDS, code=Job.PAUSED)
    except Exception:
        # A bug of ours, before or after the request: what we do not know we do not repeat.
        logger.exception("sending job %s broke", job.pk)
        _doubt(claim, "Something went wrong here while the job was being sent.")
    else:
        _keep(claim, receipt)
        if credential.state != Credential.State.READY:
            # It was out of credits, and evidently is no more.
            Credential.objects.filter(pk=credential.pk, state=Credential.State.EMPTY).update(
                state=Credential.State.READY, note=""
            )


def _send(claim: Claim) -> Receipt:
    job, credential = claim.job, claim.credential
    provider = directory.provider(job.provider)
    key = vault.unseal(credential.sealed_key, credential.seal_context)
    request = VideoRequest(
        prompt=job.prompt,
        model=job.model,
        aspect_ratio=job.aspect_ratio,
        resolution=job.resolution,
        duration=job.duration,
        seed=job.seed,
        seed_chosen=job.seed_chosen,
        translate=job.translate,
        watermark=job.watermark,
        callback_url=callback_url(provider, claim.callback_token),
    )
    if time.monotonic() > claim.deadline:
        # The process was stopped for minutes: by now somebody else may have judged the claim.
        raise errors.Unreachable("the deadline passed before anything was sent")
    return provider.submit(key, request)


def callback_url(provider: Provider, token: str) -> str:
    """Where this job's callback goes; empty when none is wanted or none could reach us."""
    wanted = not provider.preview or settings.VEO4_WEBHOOK_ENABLED
    if not settings.CALLBACK_BASE or not wanted:
        return ""
    return settings.CALLBACK_BASE + reverse("webhook", args=[provider.name, token])


def _keep(claim: Claim, receipt: Receipt) -> None:
    """Commit the paid id before anything else; if the database cannot, put it on disk."""
    credits = receipt.provider_credits
    try:
        accept(claim.job.pk, receipt.external_id, credits, claim=claim.number)
    except BaseException as error:
        # The queue's time limit, a SystemExit, may strike here as well as a database error.
        logger.exception("could not commit the id of job %s, spooling it", claim.job.pk)
        spool.write(
            str(claim.job.pk), receipt.external_id, None if credits is None else str(credits)
        )
        if not isinstance(error, DatabaseProblem):
            raise


def accept(
    job_id: UUID, external_id: str, credits: Decimal | None, *, claim: int | None = None
) -> bool:
    """Record that the provider took the job. False where it stands elsewhere by now.

    Raises `django.db.Error` when nothing could be recorded.
    """
    try:
        taken = move(
            job_id,
            (Status.SUBMITTING, Status.UNCERTAIN),
            Status.RUNNING,
            "Accepted by the provider",
            claim=claim,
            external_id=external_id,
            lease_until=None,
            check_at=_now_if_called(clock.after(first_check_seconds())),
            provider_credits_estimated=credits,
            error_code="",
            error="",
        )
    except IntegrityError:
        # The id already belongs to another job, so it proves nothing about this one.
        move(
            job_id,
            (Status.SUBMITTING,),
            Status.UNCERTAIN,
            "The provider answered with the id of another job",
            claim=claim,
            lease_until=None,
            error_code="foreign-id",
            error=errors.OutcomeUnknown.default_message,
        )
        return True
    if not taken:
        return _late(job_id, external_id)
    return True


def _late(job_id: UUID, external_id: str) -> bool:
    """What to do with the id of a job that is not waiting for it any more."""
    job = Job.objects.get(pk=job_id)
    if job.external_id or job.status not in (Status.FAILED, Status.LOST):
        return job.external_id == external_id
    try:
        # Judged before its answer was found: the id brings late proof.
        touch(job, "The id of this job was found", external_id=external_id, check_at=Now())
    except IntegrityError:
        logger.error("the id %s found for job %s is another job's", external_id, job_id)  # noqa: TRY400
        return False
    return True


def abandon() -> int:
    """Give up on claims whose worker is gone: nobody knows whether they were sent."""
    doubtful = [
        job_id
        for job_id in Job.objects.abandoned().values_list("pk", flat=True)
        if move(
            job_id,
            (Status.SUBMITTING,),
            Status.UNCERTAIN,
            "The worker that was sending it is gone",
            lease_until=None,
            check_at=_now_if_called(None),
            error_code="worker-gone",
            error="The worker stopped while sending it. The job is not sent again, "
            "so that it cannot be paid twice.",
        )
    ]
    return len(doubtful)


def mark(
    credential: Credential, state: Credential.State, error: errors.ProviderError | None
) -> None:
    """Note on a key what the provider said of it."""
    note = error.user_message if error else "The key cannot be opened. Enter it again."
    Credential.objects.filter(pk=credential.pk).update(
        state=state, note=note[:300], checked_at=Now()
    )


def _put_off(claim: Claim, error: errors.NotAccepted) -> None:
    unreachable = isinstance(error, errors.Unreachable)
    in_a_row = claim.job.unreachable_count + 1 if unreachable else 0
    if in_a_row >= ATTEMPTS_MAX:
        _refuse(
            claim,
            errors.Refused(
                error.detail,
                user_message="The provider could not be reached six times in a row. "
                "Nothing was sent or charged.",
            ),
        )
        return
    backoff = min(5 * 2 ** (claim.number - 1), 600) * random.uniform(0.8, 1.2)  # noqa: S311
    pause = max(backoff, error.retry_after or 0)
    _again(claim, error.user_message, pause, unreachable_count=in_a_row)


def _again(
    claim: Claim, text: str, seconds: float, *, code: str = "waiting", unreachable_count: int = 0
) -> None:
    """Back to the queue with the hold kept: it is certain that nothing was made."""
    move(
        claim.job.pk,
        (Status.SUBMITTING, Status.UNCERTAIN),
        Status.QUEUED,
        text,
        claim=claim.number,
        lease_until=None,
        sent_at=None,
        callback_hash="",
        try_at=clock.after(seconds),
        wake_at=clock.after(seconds),
        error=text[:500],
        error_code=code,
        unreachable_count=unreachable_count,
    )


def _refuse(claim: Claim, error: errors.Refused) -> None:
    job = claim.job
    with transaction.atomic():
        if move(
            job.pk,
            (Status.SUBMITTING, Status.UNCERTAIN),
            Status.FAILED,
            error.user_message,
            claim=claim.number,
            lease_until=None,
            finished_at=Now(),
            charged=0,
            error_code=error.code,
            error=error.user_message[:500],
        ):
            ledger.release(job, reason="Refused by the provider")


def _doubt(claim: Claim, text: str) -> None:
    move(
        claim.job.pk,
        (Status.SUBMITTING,),
        Status.UNCERTAIN,
        text,
        claim=claim.number,
        lease_until=None,
        check_at=_now_if_called(None),
        error_code="outcome-unknown",
        error=text[:500],
    )


def _now_if_called(otherwise: Combinable | None) -> Case:
    """When to ask: at once if the job's callback overtook the answer."""
    return Case(
        When(nudged_at__isnull=False, then=Now()),
        default=otherwise,
        output_field=DateTimeField(),
    )
