"""The one paid request: claimed, witnessed, sent at most once, and never guessed about."""

from __future__ import annotations

import logging
import random
import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseProblem
from django.db.models import Q
from django.urls import reverse

from jobs import credentials, database, directory
from jobs.credentials import circuit
from jobs.lifecycle.moves import move
from jobs.lifecycle.sending import reach, uploading
from jobs.lifecycle.sending.accepting import accept, doubt
from jobs.lifecycle.sending.claims import Claim, claim_job
from jobs.lifecycle.sending.ending import fail_unmade
from jobs.lifecycle.sending.key_queue import PAUSE_SECONDS
from jobs.machine import spool
from jobs.machine.outages import described
from jobs.models import Credential, Job
from jobs.models.jobs.status import Status
from jobs.net import addresses
from jobs.pricing import catalogue
from jobs.providers import PROVIDERS, errors
from jobs.providers.base import Kind, Mode, Receipt, VideoRequest
from jobs.providers.declarations import Provider
from jobs.secrets import vault
from jobs.times import clock

logger = logging.getLogger(__name__)


def start(job_id: UUID) -> None:
    """Send a queued job to its provider, if this worker wins the permission to."""
    claim = claim_job(job_id)
    if claim is None:
        return
    job, credential = claim.job, claim.credential
    try:
        receipt = _send(claim)
    except errors.ProviderError as error:
        _take_no(claim, error)
        if isinstance(error, errors.ANSWERS):
            circuit.reached(credential)
    except vault.Unreadable:
        _leave(claim)
    except Exception as error:  # noqa: BLE001  # logged there
        # A bug of ours, before or after the request: what we do not know we do not repeat.
        database.broke(error, logger, "sending job %s broke", job.pk)
        doubt(
            job,
            "Something went wrong here while it was being sent.",
            code="outcome-unknown",
            claim=claim.number,
        )
    else:
        _keep(claim, receipt)
        circuit.reached(credential)
        if credential.state == Credential.State.EMPTY:
            credentials.found_working(credential)


def _take_no(claim: Claim, error: errors.ProviderError) -> None:
    """End the claim as far as the error proves anything."""
    job, credential = claim.job, claim.credential
    match error:
        case errors.KeyRejected():
            credentials.set_state(credential, Credential.State.REJECTED, error)
            _again(claim, error.user_message, PAUSE_SECONDS, code=Job.PAUSED)
        case errors.Unreachable():
            # The job first: what is certain of it must not be lost with the rest.
            _again(claim, circuit.waits(credential), 0, **reach.waiting(credential))
            circuit.not_reached(credential)
        case errors.NotAccepted():
            backoff = min(5 * 2 ** (claim.number - 1), 600) * random.uniform(0.8, 1.2)  # noqa: S311
            _again(claim, error.user_message, max(backoff, error.retry_after or 0))
        case errors.OutOfProviderCredits():
            credentials.set_state(credential, Credential.State.EMPTY, error)
            if credential.state == Credential.State.EMPTY:
                # It was only tried whether the account has credits again: the job waits on.
                _again(claim, error.user_message, PAUSE_SECONDS, code=Job.PAUSED)
            else:
                _refuse(claim, error)
        case errors.ModelGone():
            _refuse(claim, error)
            catalogue.withdraw(job.provider, job.model, reason=error.user_message, actor=None)
        case errors.Refused():
            _refuse(claim, error)
        case _:
            doubt(job, error.user_message, code="outcome-unknown", claim=claim.number)


def _send(claim: Claim) -> Receipt:
    job, credential = claim.job, claim.credential
    key = vault.unseal(credential.sealed_key, credential.seal_context)
    handed = uploading.addresses(job)
    request = VideoRequest(
        kind=Kind(job.kind),
        mode=Mode(job.mode),
        image_urls=handed.images,
        film_url=handed.film,
        span=(job.span_start or 0, job.span_end or 0),
        source_id=job.source.external_id if job.source else "",
        prompt=job.prompt,
        model=job.model,
        aspect_ratio=job.aspect_ratio,
        resolution=job.resolution,
        duration=job.duration,
        seed=job.seed,
        seed_chosen=job.seed_chosen,
        translate=job.translate,
        watermark=job.watermark,
        callback_url=callback_url(PROVIDERS[job.provider], claim.callback_token),
    )
    if time.monotonic() > claim.deadline:
        # The process was stopped for minutes: by now somebody else may have judged the claim.
        raise errors.NotAccepted("the deadline passed before anything was sent")
    return directory.client(job.provider).submit(key, request)


def callback_url(provider: Provider, token: str) -> str:
    """The address of this job's callback; empty when none is wanted or none could reach us."""
    calls = provider.callbacks
    wanted = calls is not None and (not calls.setting or getattr(settings, calls.setting))
    if not addresses.reaches_us() or not wanted:
        return ""
    return addresses.for_provider(reverse("webhook", args=[provider.name, token]))


def _keep(claim: Claim, receipt: Receipt) -> None:
    """Commit the paid id before anything else; if the database cannot, put it on disk."""
    credits = receipt.provider_credits
    try:
        accept(
            claim.job.pk,
            receipt.external_id,
            credits,
            claim=claim.number,
            pace=claim.job.pace,
        )
    except BaseException as error:
        # The queue's time limit, a SystemExit, may strike here as well as a database error.
        known = f": {described(error)}" if database.is_away(error) else ""
        text = "could not commit the id of job %s, spooling it%s"
        logger.error(text, claim.job.pk, known, exc_info=None if known else error)
        spool.write(
            str(claim.job.pk), receipt.external_id, None if credits is None else str(credits)
        )
        if not isinstance(error, DatabaseProblem):
            raise


def _again(
    claim: Claim, text: str, seconds: float, *, code: str = "waiting", **fields: Any
) -> None:
    """Back to the queue with the hold kept: it is certain that nothing was made."""
    if _is_sent_again(claim):
        return
    said = {
        "error": text[:500],
        "error_code": code,
        "wake_at": clock.after(seconds),
        "unreached_since": None,
    }
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
        **{**said, **fields},
    )


def _leave(claim: Claim) -> None:
    """Nothing was sent, since the key cannot be opened: here, where others may, or at all."""
    if credentials.found_unreadable(claim.credential):
        _again(claim, credentials.DAMAGED, PAUSE_SECONDS, code=Job.PAUSED)
    else:
        _again(claim, credentials.NOT_HERE, PAUSE_SECONDS)


def _is_sent_again(claim: Claim) -> bool:
    """End a job that somebody sent again while it was in doubt, now that it was surely not sent."""
    job = claim.job
    return fail_unmade(
        job,
        (Status.UNCERTAIN,),
        "It was never sent; the one sent in its place continues",
        code="sent-again",
        error="It was never sent. The one sent in its place continues.",
        reason="Never sent; another one took its place",
        claim=claim.number,
        where=Q(resubmitted_as__isnull=False),
    )


def _refuse(claim: Claim, error: errors.Refused) -> None:
    fail_unmade(
        claim.job,
        (Status.SUBMITTING, Status.UNCERTAIN),
        error.user_message,
        code=error.code,
        error=error.user_message,
        reason="Refused by the provider",
        claim=claim.number,
    )
