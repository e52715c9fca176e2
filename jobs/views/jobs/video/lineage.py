"""What a video was made from, besides words, and what was made from it by changing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from jobs.models import Image, Job, JobImage, User, prepared, visible
from jobs.providers.base import UPGRADES, Mode

SHOWN = 20
"""Of the videos that were made by changing one."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The film that a video was made from by words."""

    image: Image
    start: int
    end: int
    video: Job | None
    """The video of ours that it is, where this person may see that."""
    is_gone: bool
    """It is a video of ours, which lies in the trash or was deleted for good."""


def lineage_of(job: Job, take: Job, viewer: User) -> dict[str, Any]:
    """The images of a job, the film that it changes, and what changes the film of `take`, the video
    that it shows. Two queries, of a video from text alone one.
    """
    uses = [] if job.mode == Mode.TEXT else prepared.rows("images of a video", _images, job.pk)
    films = [use.image for use in uses if use.image.is_film]
    return {
        "images": [use for use in uses if not use.image.is_film],
        "changed": _changed(job, films[0], viewer) if films else None,
        "changes": _changes_of(take, viewer),
    }


def _images(job_id: UUID) -> QuerySet[JobImage]:
    images = JobImage.objects.filter(job=job_id)
    return images.select_related("image__rendition__job__source")


def _changed(job: Job, film: Image, viewer: User) -> Changed:
    made = film.rendition.job if film.rendition else None
    # A larger copy stands on the page of its video.
    video = made.source if made and made.kind in UPGRADES else made
    is_open = video is not None and (
        viewer.is_admin or video.project_id is not None or video.owner_id == viewer.pk
    )
    return Changed(
        image=film,
        start=job.span_start or 0,
        end=job.span_end or 0,
        video=video if is_open and film.kept_as else None,
        is_gone=not film.kept_as,
    )


def _changes_of(take: Job, viewer: User) -> list[Job]:
    """The videos that words made of this one, at whatever size, the newest first."""
    copies = (each.pk for each in take.derived.all() if each.kind in UPGRADES)
    some = prepared.padded([take.pk, *copies])
    return visible.rows(viewer, ("changed by words", len(some)), _using, *some)


def _using(viewer: User, *jobs: UUID) -> QuerySet[Job]:
    uses = JobImage.objects.filter(image__seconds__isnull=False, image__rendition__job__in=jobs)
    made = Job.objects.visible_to(viewer).filter(pk__in=uses.values("job"))
    return made.select_related("owner").order_by("-created_at")[:SHOWN]
