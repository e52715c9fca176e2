"""Takes callbacks in: verified, stored, and the job made due, all in milliseconds.

A callback is only ever a reason to ask. What it claims about success, failure or addresses is not
even stored; its one candidate id is, and stands to be proved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from time import time
from typing import NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from jobs import directory
from jobs.credentials import specimen
from jobs.models import Credential, Job, Life, Stray, WebhookEvent, prepared
from jobs.models.jobs.status import Status
from jobs.models.prepared import Row
from jobs.providers.base import CallbackNews, Client
from jobs.secrets import vault
from jobs.secrets.tokens import hash_token
from jobs.times import clock

BODY_BYTES_MAX = 64 * 1024
STRAYS_FOR = timedelta(days=14)
"""So long after a restore callbacks come for jobs that are gone: as long as providers keep any."""
STRAYS_MAX = 1000
SIGNERS_MAX = 50
"""Keys whose signature is tried."""
NUDGE_SECONDS = 10
"""A callback makes us ask at most this often about one job."""

OF_JOB = ("id", "provider", "status", "credential_id")
OF_KEY = ("id", "owner_id", "provider", "practice", "sealed_signing_key")


class Called(NamedTuple):
    """The job that a provider calls about, and no more of it than that takes: an answer is due in
    milliseconds.
    """

    job_id: UUID
    provider: str
    status: str
    key: Credential | None


class Unknown(Exception):
    """No job has this address: answer 404 and do nothing."""


class Unsigned(Exception):
    """The key demands a genuine signature, and there is none: answer 401."""


class Malformed(Exception):
    """Not a callback of this provider: answer 400."""


class NotNow(Exception):
    """This machine could not tell whether it is genuine: answer 503, and it comes again."""


def find(provider: str, token: str) -> Called:
    """The job whose callback address this is. Raises `Unknown`, having written nothing."""
    if len(token) != 43:
        raise Unknown
    rows = prepared.rows("callback", _asked, hash_token(token), provider)
    if not rows:
        raise Unknown
    job_id, provider, status, key_id, *of_key = rows[0]
    key = Credential.from_db(DEFAULT_DB_ALIAS, OF_KEY, of_key) if key_id else None
    return Called(job_id, provider, status, key)


def _asked(callback_hash: str, provider: str) -> QuerySet[Job, Row]:
    jobs = Job.objects.filter(callback_hash=callback_hash, provider=provider)
    return jobs.values_list(*OF_JOB, *(f"credential__{name}" for name in OF_KEY))


def receive(job: Called, headers: Mapping[str, str], body: bytes) -> None:
    """Keep a callback of this job and have it looked into. Raises one of those above."""
    client = directory.client(job.provider)
    try:
        content = json.loads(body)
        if not isinstance(content, dict):
            raise Malformed
        news = client.read_callback(content)
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    signing_key = _signing_key(job.key)
    if signing_key and not client.verify_callback(headers, body, news, signing_key, time()):
        raise Unsigned
    if job.status in (Status.SUCCEEDED, Status.CANCELED):
        return  # nothing is left to learn, and so nothing is kept
    event = WebhookEvent(
        job_id=job.job_id, body_hash=hashlib.sha256(body).hexdigest(), external_id=news.external_id
    )
    try:
        with transaction.atomic():
            prepared.add(event)
            _nudge(job.job_id)
    except IntegrityError:
        return  # the same callback was kept before


def keep_stray(provider: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Keep the id in a callback for a job that is gone; true if it is kept, now or before.

    Only of a database that was restored of late, and only where a key's signature proves that its
    provider speaks: anybody may try any address. The id is all that is kept.
    """
    try:
        client = directory.client(provider)
        content = json.loads(body)
        news = client.read_callback(content) if isinstance(content, dict) else None
    except (ValueError, RecursionError, KeyError):
        return False
    late = timezone.now() - STRAYS_FOR
    restored = Life.objects.filter(left_off_at__isnull=False, began_at__gt=late)
    if news is None or not restored.exists():
        return False
    if not (key := _signer(provider, client, headers, body, news)):
        return False
    known = {"provider": provider, "external_id": news.external_id}
    if Job.objects.filter(**known).exists():
        return False
    if not Stray.objects.filter(**known).exists():
        if Stray.objects.named().count() >= STRAYS_MAX:
            return False
        Stray.objects.get_or_create(**known, defaults={"credential": key})
    return True


def _signer(
    provider: str, client: Client, headers: Mapping[str, str], body: bytes, news: CallbackNews
) -> Credential | None:
    """The key of this provider whose signature a callback has; None where it has none."""
    for key in (
        Credential.objects.current()
        .filter(provider=provider)
        .exclude(sealed_signing_key="")[:SIGNERS_MAX]
    ):
        with suppress(vault.Unreadable):
            secret = vault.unseal(key.sealed_signing_key, key.seal_context)
            if client.verify_callback(headers, body, news, secret, time()):
                return key
    return None


def _signing_key(key: Credential | None) -> str:
    if key is None or not key.sealed_signing_key:
        return ""
    try:
        return vault.unseal(key.sealed_signing_key, key.seal_context)
    except vault.Unreadable as error:
        if not specimen.fits():
            raise NotNow from error
        # A signing key that we cannot open is no reason to believe unsigned callbacks.
        raise Unsigned from error


def _nudge(job_id: UUID) -> None:
    """Ask now, or when the ten seconds since the last such question are over."""
    now = {"nudged_at": Now(), "check_at": Now()}
    if prepared.update("nudge", _not_nudged_lately, now, job_id):
        return
    # Asked just now: reserve the next moment, once, however many callbacks come in between.
    # A question that is still waiting to be asked will come after this callback anyway.
    asked = Q(check_at=None) | Q(check_at__gt=Now())
    next_moment = clock.later(F("nudged_at"), NUDGE_SECONDS)
    rows = Job.objects.filter(asked, pk=job_id, nudged_at__lte=Now())
    rows.update(nudged_at=next_moment, check_at=next_moment)


def _not_nudged_lately(job: UUID) -> QuerySet[Job]:
    quiet = Q(nudged_at=None) | Q(nudged_at__lte=clock.after(-NUDGE_SECONDS))
    return Job.objects.filter(quiet, pk=job)
