from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import Now, RowNumber

from jobs.models.jobs.job import Job
from jobs.models.team.user import User
from jobs.providers.base import UPGRADES, Part, lines_of, size_name


class RenditionQuerySet(models.QuerySet["Rendition"]):
    def visible_to(self, user: User) -> RenditionQuerySet:
        # Asked of each, since of many a page shows few.
        return self.filter(
            Exists(Job.objects.visible_to(user).order_by().filter(pk=OuterRef("job")))
        )

    def of_videos(self, roots: Iterable[uuid.UUID | None]) -> RenditionQuerySet:
        """The files of these videos at all their sizes: those of their larger copies too.

        Asks for the copies first: for a join with either, all files would be read.
        """
        wanted = [root for root in roots if root]
        copies = Job.objects.order_by().filter(source__in=wanted, kind__in=UPGRADES)
        return self.filter(job__in=[*wanted, *copies.values_list("pk", flat=True)])

    def matching(self, text: str) -> RenditionQuerySet:
        """Files of jobs in which all the words are found."""
        jobs = Job.objects.matching(text).order_by()
        if jobs.is_broad:
            return self.filter(Exists(jobs.filter(pk=OuterRef("job"))))
        return self.filter(job__in=jobs)

    def without_host(self) -> RenditionQuerySet:
        """Files that wait until an admin lists the host that they lie at."""
        return self.exclude(missing_host="")

    def to_discard(self) -> RenditionQuerySet:
        """Files that are to go. Served by the index rendition_to_discard."""
        return self.filter(state="purged").exclude(file="")

    def due(self) -> RenditionQuerySet:
        """Files to fetch now: new, put off until now, or left by a worker that died."""
        return self.on_their_way().filter(try_at__lte=Now())

    def not_put_off(self) -> RenditionQuerySet:
        """Files that may be tried now."""
        return self.filter(Q(not_before=None) | Q(not_before__lte=Now()))

    def fairly(self) -> RenditionQuerySet:
        """Of each person the film that was finished first, then the second of each, and so on."""
        turn = Window(
            RowNumber(), partition_by=F("job__owner"), order_by=["job__finished_at", "pk"]
        )
        return self.annotate(turn=turn).order_by("turn", "job__finished_at", "pk")

    def on_their_way(self) -> RenditionQuerySet:
        """Files that are to be fetched, or are being fetched."""
        return self.filter(state__in=["waiting", "fetching"])


class Rendition(models.Model):
    """One playable file made by a job, at one resolution, kept by us."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be stored"
        FETCHING = "fetching", "Being stored"
        STORED = "stored", "Stored by us"
        EXPIRED = "expired", "No longer at the provider"
        REJECTED = "rejected", "Not a video we can keep"
        PURGED = "purged", "Deleted for good"

    class Part(models.TextChoices):
        FILM = "film", "The film"
        SEGMENT = "segment", "The new part alone"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(
        Job, on_delete=models.CASCADE, related_name="renditions", db_index=False
    )
    resolution = models.CharField(max_length=8)
    part = models.CharField(max_length=8, choices=Part, default=Part.FILM)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    source_url = models.CharField(max_length=2048)
    """The provider's address, from its own answer. Never shown in a browser."""
    attempts = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField(db_default=Now(), null=True)
    """The moment to fetch (or, while fetching, to take the work over). Null once it is over."""
    not_before = models.DateTimeField(null=True)
    """While it waits: the moment until which it was put off, whoever is woken for it before."""
    problem = models.CharField(max_length=300, blank=True, default="")
    missing_host = models.CharField(max_length=260, blank=True, default="")
    """What ARCHIVE_HOSTS lacks for this file to be fetched, while it waits for that."""

    file = models.CharField(max_length=200, blank=True, default="")
    poster = models.CharField(max_length=200, blank=True, default="")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    seconds = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    bytes = models.PositiveBigIntegerField(null=True)
    codec = models.CharField(max_length=32, blank=True, default="")
    frame_rate = models.CharField(max_length=16, blank=True, default="")
    """Frames a second as an exact fraction: 24, 25, 30000/1001. Empty where the file tells none."""
    sha256 = models.CharField(max_length=64, blank=True, default="")
    stored_at = models.DateTimeField(null=True)

    objects: ClassVar[RenditionQuerySet] = RenditionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "resolution", "part"], name="rendition_one_per_resolution"
            ),
            models.CheckConstraint(
                name="rendition_stored_is_whole",
                condition=~Q(state="stored")
                | (~Q(file="") & ~Q(sha256="") & Q(bytes__gt=0) & Q(stored_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="rendition_state_known",
                condition=Q(
                    state__in=["waiting", "fetching", "stored", "expired", "rejected", "purged"]
                ),
            ),
            models.CheckConstraint(
                name="rendition_only_waiting_lacks_host",
                condition=Q(missing_host="") | Q(state="waiting"),
            ),
        ]
        indexes = [
            # For the studio: what was made and is not kept, what is on its way?
            models.Index(fields=["state", "job"], name="rendition_state"),
            # For what is chosen among films: the newest of those that are kept.
            models.Index(fields=["state", "-stored_at"], name="rendition_newest"),
            # The library: of few, which are so large, or of another rate?
            models.Index(fields=["bytes"], name="rendition_bytes"),
            models.Index(fields=["frame_rate"], name="rendition_frame_rate"),
            # For the follower: what is there to fetch?
            models.Index(
                fields=["try_at"], condition=Q(try_at__isnull=False), name="rendition_due"
            ),
            # What is to be removed from the disk?
            models.Index(
                fields=["file"],
                condition=Q(state="purged") & ~Q(file=""),
                name="rendition_to_discard",
            ),
            # For the follower and the admins: what waits for its host?
            models.Index(
                fields=["missing_host"], condition=~Q(missing_host=""), name="rendition_hostless"
            ),
        ]

    @property
    def is_part(self) -> bool:
        """It holds only what an extension added."""
        return self.part == self.Part.SEGMENT

    @property
    def name(self) -> str:
        """The file in words: its size, or that it is only a part."""
        return "New part alone" if self.is_part else size_name(self.resolution)

    @property
    def take(self) -> int | None:
        """The place of its video among the takes of one order, also of a larger copy's; None of
        what was ordered alone.
        """
        source = self.job.source if self.job.kind in UPGRADES else None
        return (source or self.job).take

    @property
    def is_on_its_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.FETCHING)

    @property
    def is_stored(self) -> bool:
        return self.state == self.State.STORED

    @property
    def has_picture(self) -> bool:
        return self.is_stored and bool(self.poster)

    @property
    def kept_there_until(self) -> datetime | None:
        """The moment at which its provider lets go of it; None if it is not waited for."""
        if self.state not in (self.State.WAITING, self.State.FETCHING) or not self.job.finished_at:
            return None
        return self.job.finished_at + self.job.retention

    @property
    def is_closed_unstored(self) -> bool:
        """Nobody tries any more, though there is no file."""
        return self.state in (self.State.EXPIRED, self.State.REJECTED)


def to_play(job: Job) -> Rendition | None:
    """The file that a job made: the film, before a part of it. Reads what is prefetched."""
    files = list(job.renditions.all())
    return next((file for file in files if file.part == Part.FILM), files[0] if files else None)


def picture_of(job: Job) -> Rendition | None:
    """The stored file whose picture shows a job. Reads what is prefetched."""
    file = to_play(job)
    return file if file and file.has_picture else None


def films_of(take: Job) -> list[Rendition]:
    """The stored films of a video at all its sizes, the smallest first. Reads what is prefetched.

    A larger copy has only its own.
    """
    copies = [] if take.kind in UPGRADES else take.derived.all()
    jobs = [take, *(job for job in copies if job.kind in UPGRADES)]
    files = [file for job in jobs if (file := to_play(job)) and file.is_stored and not file.is_part]
    return sorted(files, key=lambda file: lines_of(file.resolution))
