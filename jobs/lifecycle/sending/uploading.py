"""Hands a job's images to its provider, before anything is claimed or paid: one worker at a time.

A worker's turn is an UPDATE of the job's row; by `hand_count` and `try_at`, as that left them, it
knows later whether the turn is still its own. The count alone would not do: it goes back where an
attempt is not counted.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Coalesce, Now

from jobs import credentials, directory, queue
from jobs.archive.intake.public_addresses import public_url
from jobs.archive.kept import away, files
from jobs.credentials import circuit
from jobs.lifecycle.moves import touch
from jobs.lifecycle.sending.ending import fail_unmade
from jobs.lifecycle.sending.key_queue import PAUSE_SECONDS, pause
from jobs.models import Credential, Job, JobImage, Rendition
from jobs.models.jobs.status import IMAGES_UNREACHED, Status
from jobs.providers import PROVIDERS, errors
from jobs.providers.base import Client
from jobs.secrets import vault
from jobs.times import clock

TURN_SECONDS = 120
"""After this a turn counts as abandoned. Longer than the queue lets a task live."""
BEGIN_SECONDS = 25
"""No upload begins later in a turn: each may take 60 s, and the queue ends a task after 90."""
ATTEMPTS_MAX = 6
PAUSE_FIRST_SECONDS = 10
NOT_HANDED = (
    "Its images couldn’t be sent to the provider after six attempts. Nothing was made or charged."
)
FILM_DELETED = (
    "The video that it changes was deleted before it was sent. Nothing was made or charged."
)


@dataclass(frozen=True, slots=True)
class Handed:
    """The addresses from which a provider fetches what a video is made from, in their order."""

    images: tuple[str, ...] = ()
    film: str = ""


class _FilmGone(Exception):
    """The video of ours that is to be changed is not there any more."""


def ready(job: Job, credential: Credential) -> bool:
    """True if a job with images can be sent now; else they are handed over, if this worker may.

    A task of its own sends it afterwards: the paid request has that one's whole time.
    """
    began = time.monotonic()
    missing = Job.objects.filter(lacks_images(job), pk=job.pk)
    # A job whose key does not work is paused by the claim, with its reason.
    if credential.state == Credential.State.REJECTED or not missing.exists():
        return True
    if not _begin(job):
        return False
    if job.hand_count > ATTEMPTS_MAX:
        _give_up(job, "Every worker that tried to send its images was stopped.")
        return False
    try:
        _upload_missing(job, credential, began)
    except errors.KeyRejected as error:
        credentials.set_state(credential, Credential.State.REJECTED, error)
        _leave(job, credential)
    except vault.Unreadable:
        if credentials.found_unreadable(credential):
            _leave(job, credential)
        elif _end(job, job.hand_count - 1, seconds=PAUSE_SECONDS):
            touch(job, error_code="waiting", error=credentials.NOT_HERE)
    except _FilmGone:
        _give_up(job, "Its video was deleted", code="film-gone", error=FILM_DELETED)
    except (errors.ProviderError, OSError) as error:
        _put_off(job, error)
    else:
        with transaction.atomic():
            if _end(job, 0, seconds=0, unreached_since=None):
                queue.start(job.pk)
    return False


def has_images(job: Job) -> bool:
    """It is made from pictures, or from a film, that its provider has to be handed."""
    return job.mode != Job.Mode.TEXT and PROVIDERS[job.provider].takes_uploads


def lacks_images(job: Job) -> Q:
    """The condition that the provider has not got all images of the job, or not any more; or has a
    video of ours that was deleted since, and is not to be changed.
    """
    if not has_images(job):
        return Q(pk__in=[])
    return Q(Exists(JobImage.objects.filter(_missing(job), job=OuterRef("pk"))))


def addresses(job: Job) -> Handed:
    """The addresses of the job's images. Raises `NotAccepted` where one was never handed over."""
    if job.mode == Job.Mode.TEXT:
        return Handed()
    takes_uploads = PROVIDERS[job.provider].takes_uploads
    urls: dict[bool, list[str]] = {False: [], True: []}
    for use in job.images.select_related("image"):
        url = use.handed_url if takes_uploads else public_url(use.image)
        if not url:
            raise errors.NotAccepted("an image was never handed over, so nothing was sent")
        urls[use.image.is_film].append(url)
    return Handed(tuple(urls[False]), "".join(urls[True][:1]))


def _missing(job: Job) -> Q:
    last = PROVIDERS[job.provider].uploads_last or timedelta()
    is_stale = Q(handed_at=None) | Q(handed_at__lte=clock.after(-last.total_seconds()))
    # As `Image.kept_as` says.
    is_there = Q(
        image__rendition__state=Rendition.State.STORED, image__rendition__job__trashed_at=None
    )
    return is_stale | Q(image__file="") & ~is_there


def _begin(job: Job) -> bool:
    """Take the turn. It is counted at once, since a worker that is killed cannot do so later."""
    free = Q(status=Status.QUEUED, try_at__lte=Now(), hand_count=job.hand_count)
    until = clock.after(TURN_SECONDS)
    with transaction.atomic():
        # It is not paused: a key that is entered meanwhile must not wake a second worker for it.
        begun = Job.objects.filter(free, pk=job.pk).update(
            hand_count=F("hand_count") + 1, try_at=until, wake_at=until, error_code="", error=""
        )
        job.refresh_from_db(fields=["hand_count", "try_at", "error_code", "error"])
    return begun > 0


def _ours(job: Job) -> Q:
    return Q(pk=job.pk, status=Status.QUEUED, hand_count=job.hand_count, try_at=job.try_at)


def _end(job: Job, count: int, *, seconds: float, **fields: Any) -> bool:
    """End the turn; False if it has passed to somebody else."""
    moment = clock.after(seconds)
    rows = Job.objects.filter(_ours(job))
    return rows.update(hand_count=count, try_at=moment, wake_at=moment, **fields) > 0


def _upload_missing(job: Job, credential: Credential, began: float) -> None:
    """Upload one image at least, and more as long as there is time; the next turn goes on."""
    client = directory.client(job.provider)
    for use in job.images.filter(_missing(job)).select_related("image__rendition__job"):
        _upload(use, client, credential)
        late = time.monotonic() - began > BEGIN_SECONDS
        if late or not Job.objects.filter(_ours(job)).exists():
            return


def _upload(use: JobImage, client: Client, credential: Credential) -> None:
    image, kept_as = use.image, use.image.kept_as
    if not kept_as:
        raise _FilmGone
    key = vault.unseal(credential.sealed_key, credential.seal_context)
    # A name nobody can guess: the same one would overwrite another upload of this account.
    name = f"{uuid4()}.{image.suffix}"
    # Read while it is sent: a film would take too much of a worker's memory.
    with files.local(kept_as) as path, path.open("rb") as file:
        url = client.upload(key, name, file, image.content_type)
    # Only in place of what was read: a slow worker leaves alone what another has handed over.
    unchanged = JobImage.objects.filter(pk=use.pk, handed_url=use.handed_url)
    unchanged.filter(job__status=Status.QUEUED).update(handed_url=url, handed_at=Now())


def _leave(job: Job, credential: Credential) -> None:
    """End the turn, which counts for nothing: the key does not work now."""
    if _end(job, job.hand_count - 1, seconds=0):
        pause(job, credential)


def _put_off(job: Job, error: Exception) -> None:
    """Try again later; after the sixth attempt that counts give up, with the credits released."""
    text = getattr(error, "user_message", "") or "One of its images can’t be read."
    count, pause_seconds = job.hand_count, PAUSE_FIRST_SECONDS * 2**job.hand_count / 2
    code, since = "waiting", None
    if isinstance(error, errors.Unreachable):
        # Certainly not handed over, and no fault of the job: it waits, as for its order it would.
        count, pause_seconds = job.hand_count - 1, circuit.pause_after(_unreached_for(job))
        code, since = IMAGES_UNREACHED, Coalesce("unreached_since", Now())
    elif isinstance(error, away.Unreachable):
        text = f"The server can’t get at them: {error}."
        count, pause_seconds = job.hand_count - 1, PAUSE_SECONDS
    elif isinstance(error, errors.RateLimited | errors.Maintenance):
        count, pause_seconds = job.hand_count - 1, PAUSE_SECONDS
    elif job.hand_count >= ATTEMPTS_MAX:
        _give_up(job, text)
        return
    spread = pause_seconds * random.uniform(0.8, 1.2)  # noqa: S311
    pause_seconds = max(spread, getattr(error, "retry_after", None) or 0)
    if _end(job, count, seconds=pause_seconds, unreached_since=since):
        reason = f"Its images couldn’t be sent yet. {text}"
        touch(job, error_code=code, error=reason[:500])


def _unreached_for(job: Job) -> float:
    """Seconds for which its images could not be handed over, for want of any connection."""
    age = ExpressionWrapper(Now() - F("unreached_since"), output_field=DurationField())
    span = Job.objects.filter(pk=job.pk).annotate(age=age).values_list("age", flat=True).first()
    return span.total_seconds() if span else 0.0


def _give_up(job: Job, text: str, *, code: str = "images", error: str = NOT_HANDED) -> None:
    fail_unmade(
        job,
        (Status.QUEUED,),
        text,
        code=code,
        error=error,
        reason="Its images couldn’t be sent",
        where=_ours(job) & lacks_images(job),
    )
