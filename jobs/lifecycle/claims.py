"""The permission to send a job: one worker's, for a short time, witnessed in the database."""

from __future__ import annotations

import hashlib
import random
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from jobs import clock, directory, rates
from jobs.lifecycle.moves import move, touch
from jobs.models import Credential, Job
from jobs.models.status import Status

DEADLINE_SECONDS = 60
"""How long a worker may take from its claim to the answer."""
LEASE_SECONDS = 90
"""After this a claim counts as abandoned. Longer than the deadline, so a living worker is safe."""
PAUSE_SECONDS = 60
"""How often a job whose key does not work looks whether it does again."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One permission to send, and until when it may be used (this process's monotonic clock)."""

    job: Job
    credential: Credential
    number: int
    deadline: float
    callback_token: str


def take(job_id: UUID) -> Claim | None:
    """Take the permission to send: committed, with a witness, before any socket opens."""
    job = Job.objects.select_related("credential", "owner").filter(pk=job_id).first()
    if job is None or job.status != Status.QUEUED:
        return None
    credential = job.credential or _another_key(job)
    if credential is None or credential.practice != settings.PRACTICE:
        _pause(job)
        return None
    token = secrets.token_urlsafe(32)
    claim = Claim(job, credential, job.claims + 1, time.monotonic() + DEADLINE_SECONDS, token)
    return claim if _commit(claim) else None


def _commit(claim: Claim) -> bool:
    job, key = claim.job, claim.credential
    with transaction.atomic():
        if not rates.lock(key.pk):
            _pause(job)
            return False
        limit = directory.provider(job.provider).creations_per_10s
        if free_at := rates.slot_free_at(key.pk, limit):
            _wait_for_slot(job, free_at)
            return False
        return move(
            job.pk,
            (Status.QUEUED,),
            Status.SUBMITTING,
            claim=job.claims,
            where=Q(try_at__lte=Now()),
            credential=key,
            claims=claim.number,
            lease_until=clock.after(LEASE_SECONDS),
            sent_at=Now(),
            callback_hash=hash_token(claim.callback_token),
            nudged_at=None,
            error_code="",
            error="",
        )


def hash_token(token: str) -> str:
    """What is kept of a callback secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def _another_key(job: Job) -> Credential | None:
    """The owner's present key, where the one the job was made with is gone."""
    keys = Credential.objects.usable_by(job.owner)
    return keys.filter(provider=job.provider, practice=job.practice).first()


def _pause(job: Job) -> None:
    Job.objects.filter(pk=job.pk, status=Status.QUEUED).update(wake_at=clock.after(PAUSE_SECONDS))
    if job.error_code != Job.PAUSED:
        touch(
            job,
            error_code=Job.PAUSED,
            error="Waiting for a working key. Add or replace it on the Keys page.",
        )


def _wait_for_slot(job: Job, free_at: datetime) -> None:
    """Leave the job queued until the key may create again, spread out so that no herd forms."""
    moment = free_at + timedelta(seconds=random.uniform(0, 1))  # noqa: S311
    # Only while it may be sent: a longer wait that the provider asked for stays.
    Job.objects.filter(pk=job.pk, status=Status.QUEUED, try_at__lte=Now()).update(
        try_at=moment, wake_at=moment
    )
