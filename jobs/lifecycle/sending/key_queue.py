"""The line in front of a key: who waits for what, and what people are told of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet
from django.db.models.functions import Now

from jobs.lifecycle.moves import touch
from jobs.models import Credential, Job, prepared
from jobs.models.counting import up_to
from jobs.models.jobs.status import Status
from jobs.models.prepared import Row
from jobs.times import clock

NO_DISK = "no-disk"
PLACE_MAX = 100
"""The last place in a line that is counted."""
PAUSE_SECONDS = 60
"""Seconds after which a job whose key does not work, or whose disk is missing, looks again."""


def key_for(job: Job) -> Credential | None:
    """The key the job was made with, or where that is gone its owner's present one.

    What builds on a video has no other: the video lies in that key's account.
    """
    if job.credential is not None or job.source_id:
        return job.credential
    keys = Credential.objects.usable_by(job.owner)
    return keys.filter(provider=job.provider, practice=job.practice).first()


def pause(job: Job, credential: Credential | None) -> None:
    """Leave the job queued until its key works again, and say so."""
    text = "Waiting for a working key. Add or replace it on the API keys page."
    if credential is None and job.source_id:
        text = "The key its video was made with is gone, so this can’t be sent. Cancel it."
    if credential is not None:
        credential.refresh_from_db(fields=["state"])
        if credential.state == Credential.State.EMPTY:
            text = (
                "Waiting for credits at the provider: the account there is empty. Top it up, and "
                "this continues automatically."
            )
    wait(job, Job.PAUSED, text)


def wait_for_disk(job: Job) -> None:
    """Leave the job queued until its video could be stored, and say so."""
    text = "The server’s disk for videos is missing. This is sent as soon as it is back."
    wait(job, NO_DISK, text)


def wait(job: Job, code: str, text: str) -> None:
    """Leave the job queued for a moment, and say once why."""
    Job.objects.filter(pk=job.pk, status=Status.QUEUED).update(wake_at=clock.after(PAUSE_SECONDS))
    if (job.error_code, job.error) != (code, text):
        touch(job, error_code=code, error=text)


def wait_for_slot(job: Job, free_at: datetime) -> None:
    """Leave the job queued until its account may create again.

    Then those are woken that stand in front, as many as it may create.
    """
    # Only while it may be sent: a longer wait that the provider asked for stays.
    Job.objects.filter(pk=job.pk, status=Status.QUEUED, try_at__lte=Now()).update(
        try_at=free_at, wake_at=free_at
    )


def places(queued: Iterable[UUID]) -> dict[UUID, int]:
    """The place of each of these queued jobs among those that wait for the same key, from 1 on;
    PLACE_MAX + 1 for whatever comes after that, since nobody counts a line of thousands.

    One query, none where nothing is queued. Two jobs may still change places on their way out.
    """
    ids = prepared.padded(queued)
    shape = "places", PLACE_MAX, len(ids)
    return dict(prepared.rows(shape, _places, *ids)) if ids else {}


def _places(*ids: UUID) -> QuerySet[Job, Row]:
    # By the index job_line.
    ahead = Job.objects.order_by().filter(
        status=Status.QUEUED,
        credential=OuterRef("credential"),
        created_at__lt=OuterRef("created_at"),
    )
    placed = Job.objects.filter(pk__in=ids, status=Status.QUEUED)
    return placed.annotate(place=up_to(ahead, PLACE_MAX - 1) + 1).values_list("pk", "place")
