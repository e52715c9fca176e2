from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from jobs.models.jobs.job import Job
from jobs.models.jobs.rendition import Rendition

if TYPE_CHECKING:
    from jobs.models.team.user import User


class ImageQuerySet(models.QuerySet["Image"]):
    def visible_to(self, user: User) -> ImageQuerySet:
        """One's own, and those that went into jobs one may see.

        A video of ours that somebody chose is theirs as long as they may see that video: it lies
        where it lies. One in the trash is among them, so that people are told of that.
        """
        seen = Q(uses__job__in=Job.objects.visible_to(user))
        copied = ~Q(origin=Image.Origin.VIDEO) | Q(rendition=None)
        shown = Q(rendition__job__in=Job.objects.known_to(user))
        return self.filter(Q(owner=user) & (copied | shown) | seen).distinct()

    def unused_by(self, owner: User) -> ImageQuerySet:
        """Those of a person that went into no job."""
        return self.filter(owner=owner, uses=None)

    def weight(self) -> int:
        """Bytes that they take, all of them together."""
        total: int | None = self.exclude(file="").aggregate(total=models.Sum("bytes"))["total"]
        return total or 0

    def in_order(self, ids: Iterable[UUID]) -> list[Image]:
        """Those of these that are among them, in the order of the ids."""
        wanted = list(ids)
        found = self.in_bulk(wanted)
        return [found[number] for number in wanted if number in found]


class Image(models.Model):
    """A picture that videos are made from: checked, re-encoded without metadata, kept by us; or a
    film, which is checked and kept as it is. One of our own videos lies where it lies.
    """

    class Origin(models.TextChoices):
        UPLOAD = "upload", "Uploaded"
        LINK = "link", "From a link"
        FRAME = "frame", "A frame of a video"
        VIDEO = "video", "A video"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="images"
    )
    origin = models.CharField(max_length=8, choices=Origin)
    rendition = models.ForeignKey(
        Rendition, null=True, on_delete=models.SET_NULL, related_name="frames"
    )
    """The video it is a frame of, or that it is."""
    file = models.CharField(max_length=200, blank=True, default="")
    """Its name among the kept files; empty of a video of ours, which has its own."""
    content_type = models.CharField(max_length=20)
    seconds = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    """Of a film; null of a picture."""
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    """Of its file; of a video of ours, of which video that is."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ImageQuerySet] = ImageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "sha256"], name="image_once_per_owner"),
            models.CheckConstraint(
                name="image_picture_has_a_file",
                condition=~Q(file="") | Q(origin="video", seconds__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.width} × {self.height} {self.content_type}"

    @property
    def suffix(self) -> str:
        """The end of its file's name and of its addresses: jpg, png, webp or mp4."""
        return "mp4" if self.is_film else self.file.rpartition(".")[2]

    @property
    def is_film(self) -> bool:
        return self.seconds is not None

    @property
    def kept_as(self) -> str:
        """Its name among the kept files; '' of a video of ours that was deleted."""
        video = self.rendition
        if self.file or video is None:
            return self.file
        return video.file if video.is_stored and video.job.trashed_at is None else ""


class JobImage(models.Model):
    """One image of one job, in its place, and where the provider finds it."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="images")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="uses")
    position = models.PositiveSmallIntegerField()
    handed_url = models.CharField(max_length=2048, blank=True, default="")
    """Its address at the provider's upload service, which keeps it for a day."""
    handed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["job", "position"], name="job_image_one_per_place"),
        ]
