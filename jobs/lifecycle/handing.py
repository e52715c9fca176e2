"""Hands a job's images to its provider, before anything is claimed or paid."""

from __future__ import annotations

import random
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from jobs import clock, credentials, directory, ledger, vault
from jobs.archive.images import public_url
from jobs.lifecycle.moves import move, touch
from jobs.lifecycle.waiting import pause
from jobs.models import Credential, Job, JobImage
from jobs.models.status import Status
from jobs.providers import errors
from jobs.providers.base import Provider

FRESH_SECONDS = 6 * 3600
"""How long an uploaded image is counted on. kie-veo.md section 6: it is kept for a day."""
ATTEMPTS_MAX = 6
PAUSE_FIRST_SECONDS = 10


def ready(job: Job, credential: Credential) -> bool:
    """Upload what the provider has not got yet; whether the job can be sent now.

    Uploads are free and repeatable, so two workers at once are harmless: each gives other names.
    """
    provider = directory.provider(job.provider)
    # A job whose key does not work is paused by the claim, with its reason.
    if not provider.takes_uploads or credential.state == Credential.State.REJECTED:
        return True
    stale = Q(handed_at=None) | Q(handed_at__lte=clock.after(-FRESH_SECONDS))
    missing = job.images.filter(stale, job__status=Status.QUEUED, job__try_at__lte=Now())
    try:
        for use in missing.select_related("image"):
            _upload(use, provider, credential)
    except errors.KeyRejected as error:
        credentials.mark(credential, Credential.State.REJECTED, error)
        pause(job, credential)
        return False
    except (errors.ProviderError, vault.Unreadable, OSError) as error:
        _put_off(job, error)
        return False
    return True


def addresses(job: Job) -> tuple[str, ...]:
    """Where the provider fetches the job's images from, in their order."""
    uses = job.images.select_related("image")
    if directory.provider(job.provider).takes_uploads:
        return tuple(use.handed_url for use in uses)
    return tuple(public_url(use.image) for use in uses)


def _upload(use: JobImage, provider: Provider, credential: Credential) -> None:
    image = use.image
    content = (Path(settings.MEDIA_ROOT) / image.file).read_bytes()
    key = vault.unseal(credential.sealed_key, credential.seal_context)
    # A name nobody can guess: the same one would overwrite another upload of this account.
    name = f"{uuid4()}{Path(image.file).suffix}"
    url = provider.upload(key, name, content, image.content_type)
    JobImage.objects.filter(pk=use.pk).update(handed_url=url, handed_at=Now())


def _put_off(job: Job, error: Exception) -> None:
    """Try again later; after the sixth time in a row give up, with the credits released."""
    text = getattr(error, "user_message", "") or "An image of ours cannot be read."
    waiting = Job.objects.filter(pk=job.pk, status=Status.QUEUED)
    if job.unreachable_count + 1 >= ATTEMPTS_MAX:
        with transaction.atomic():
            if move(
                job.pk,
                (Status.QUEUED,),
                Status.FAILED,
                text,
                charged=0,
                finished_at=Now(),
                error_code="images",
                error="Its images could not be handed to the provider in six attempts. "
                "Nothing was sent or charged.",
            ):
                ledger.release(job, reason="Its images could not be handed over")
        return
    seconds = PAUSE_FIRST_SECONDS * 2**job.unreachable_count * random.uniform(0.8, 1.2)  # noqa: S311
    pause_seconds = max(seconds, getattr(error, "retry_after", None) or 0)
    moment = clock.after(pause_seconds)
    waiting.update(try_at=moment, wake_at=moment, unreachable_count=F("unreachable_count") + 1)
    touch(job, error_code="waiting", error=f"Its images could not be handed over yet. {text}"[:500])
