"""The permission to send a job: one worker's, for a short time, witnessed in the database."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from jobs import lives
from jobs.archive.kept import files
from jobs.credentials import circuit, rates
from jobs.lifecycle.moves import move
from jobs.lifecycle.ordering.checking import no_model
from jobs.lifecycle.sending import fetched, reach, uploading
from jobs.lifecycle.sending.ending import fail_unmade
from jobs.lifecycle.sending.key_queue import key_for, pause, wait_for_disk, wait_for_slot
from jobs.models import Credential, Job, WithdrawnModel, prepared
from jobs.models.jobs.status import Status
from jobs.pricing import catalogue
from jobs.providers import PROVIDERS
from jobs.providers.base import UPGRADES
from jobs.secrets.tokens import hash_token, new_token
from jobs.times import clock

DEADLINE_SECONDS = 60
"""Seconds after its claim in which a worker may still begin to send."""
LEASE_SECONDS = 90
"""After this a claim counts as abandoned: as long as the queue lets a task live. An answer that a
worker gets later still is taken all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One permission to send, and until when it may be used (this process's monotonic clock)."""

    job: Job
    credential: Credential
    number: int
    deadline: float
    callback_token: str


def claim_job(job_id: UUID) -> Claim | None:
    """Take the permission to send: committed, with a witness, before any socket opens.

    Raises `lives.PutBack` where the database was restored meanwhile.
    """
    job = next(iter(prepared.rows("to be sent", _to_be_sent, job_id)), None)
    if job is None or job.status != Status.QUEUED or _ends_withdrawn(job):
        return None
    credential = key_for(job)
    if credential is None or credential.practice != settings.PRACTICE:
        pause(job, credential)
        return None
    if not reach.may_try(credential):
        reach.rest(job)
        return None
    if not files.are_ours():
        wait_for_disk(job)
        return None
    if not _has_images_at_hand(job, credential):
        return None
    claim = Claim(
        job=job,
        credential=credential,
        number=job.claims + 1,
        deadline=time.monotonic() + DEADLINE_SECONDS,
        callback_token=new_token(),
    )
    return claim if _commit(claim) else None


def _has_images_at_hand(job: Job, credential: Credential) -> bool:
    """Its provider has what it is made from, or can fetch it from us."""
    if uploading.has_images(job):
        return uploading.ready(job, credential)
    return fetched.ready(job)


def _to_be_sent(job_id: UUID) -> QuerySet[Job]:
    rows = Job.objects.select_related("credential", "owner", "source").filter(pk=job_id)
    return rows.annotate(is_withdrawn=WithdrawnModel.named())


def _ends_withdrawn(job: Job) -> bool:
    """Fail a job whose model was withdrawn while it waited; true if it was."""
    if not getattr(job, "is_withdrawn", False) or job.kind in UPGRADES:
        return False
    provider = PROVIDERS[job.provider]
    model = provider.model(job.model)
    why = catalogue.why_not(provider, model) if model else no_model(provider).message
    fail_unmade(
        job,
        (Status.QUEUED,),
        why,
        code=catalogue.WITHDRAWN,
        error=f"{why} Nothing was charged.",
        reason="Its model was withdrawn",
    )
    return True


def _commit(claim: Claim) -> bool:
    job, key = claim.job, claim.credential
    with transaction.atomic():
        memory = lives.notch()
        rates.lock(key)
        limit = PROVIDERS[job.provider].creations_per_10s
        if free_at := rates.slot_free_at(key, limit):
            wait_for_slot(job, free_at)
            return False
        if not rates.may_spend(key, job.quote):
            pause(job, key)
            return False
        if key.unreachable_since and not circuit.take_probe(key):
            return False
        if not move(
            job.pk,
            (Status.QUEUED,),
            Status.SUBMITTING,
            claim=job.claims,
            # The key may have come back since the images were looked at: none may be lacking.
            where=Q(try_at__lte=Now()) & ~uploading.lacks_images(job),
            shape=None if uploading.has_images(job) else ("claimed", LEASE_SECONDS),
            credential_id=key.pk,
            claims=claim.number,
            lease_until=clock.after(LEASE_SECONDS),
            sent_at=Now(),
            callback_hash=hash_token(claim.callback_token),
            nudged_at=None,
            hand_count=0,
            error_code="",
            error="",
        ):
            return False
    # Outside of the database, before it is sent: who restores an earlier one is found out by it.
    lives.remember(memory)
    return True
