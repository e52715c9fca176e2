from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Now

from jobs.models.jobs.job import Job
from jobs.models.jobs.rendition import Rendition
from jobs.models.jobs.status import Status
from jobs.models.team.project import Project
from jobs.providers.base import UPGRADES

if TYPE_CHECKING:
    from jobs.models.team.user import User


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def open(self) -> Self:
        """Those that lead somewhere: not revoked, not expired, and somebody here answers for them.

        Of somebody who was deactivated they rest until that person is let in again.
        """
        lasting = Q(expires_at=None) | Q(expires_at__gt=Now())
        return self.filter(lasting, revoked_at=None, owner__is_active=True)

    def with_answers(self) -> Self:
        """Each with how many comments of visitors are open, and how many picks there are."""
        said = Count(
            "notes", filter=Q(notes__kind__in=["comment", "changes"], notes__resolved_at=None)
        )
        picks = Count("notes", filter=Q(notes__kind="pick", notes__is_replaced=False))
        return self.annotate(open_notes=said, picks=picks)

    def visible_to(self, user: User) -> Self:
        """Everything for an admin; else one's own."""
        return self if user.is_admin else self.filter(owner=user)


class ShareLink(models.Model):
    """A revocable public address of chosen renditions, found by the hash of its token alone."""

    class Download(models.TextChoices):
        NONE = "", "No download"
        HD = "720p", "Up to 720p"
        FULL_HD = "1080p", "Up to 1080p"
        UHD = "4k", "Up to 4K"

    token_hash = models.CharField(max_length=64, unique=True)
    """SHA-256 of the 256-bit token."""
    sealed_token = models.TextField(default="")
    """The token as `vault` seals it, bound to its hash, for whoever answers for the link."""
    owner: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="share_links"
    )
    """The person who answers for it: passes to the heir of somebody who leaves."""
    made_by: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    project = models.ForeignKey(
        Project, null=True, on_delete=models.SET_NULL, related_name="share_links"
    )
    """Of a collection: all that is kept of this project is on it, also what is still to come."""
    submission_key = models.UUIDField(default=uuid.uuid4)
    """Hidden in the form: the same click, however often it arrives, makes one link."""
    title = models.CharField(max_length=80, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    """The words to the visitor beside the videos."""
    expires_at = models.DateTimeField(null=True)
    """Null for never."""
    password = models.CharField(max_length=128, blank=True, default="")
    """As Django hashes passwords; empty where none is asked for."""
    shows_prompt = models.BooleanField(default=False)
    shows_seed = models.BooleanField(default=False)
    shows_person = models.BooleanField(default=False)
    download = models.CharField(max_length=8, choices=Download, blank=True, default=Download.NONE)
    watermark = models.CharField(max_length=40, blank=True, default="")
    """Drawn into the copies that are shown; the stored files stay as they are."""
    takes_notes = models.BooleanField(default=True)
    """Visitors may pick, approve and comment."""
    upgrade: models.OneToOneField[Job | None, Job | None] = models.OneToOneField(
        Job, null=True, on_delete=models.PROTECT, related_name="offered_on"
    )
    """The larger copy that is held for, and made of the take that is picked."""
    upgrade_until = models.DateTimeField(null=True)
    """The moment at which its credits are free again, should nobody have picked a take."""
    embed_sites = models.CharField(max_length=300, blank=True, default="")
    """The origins whose pages may frame it, with spaces between; empty for none."""
    view_count = models.PositiveIntegerField(default=0)
    last_viewed_at = models.DateTimeField(null=True)
    download_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar[ShareLinkQuerySet] = ShareLinkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["made_by", "submission_key"], name="share_link_one_per_click"
            ),
            # What is held on a link ends by itself.
            models.CheckConstraint(
                name="share_link_upgrade_ends",
                condition=Q(upgrade=None) | Q(upgrade_until__isnull=False),
            ),
            models.CheckConstraint(
                name="share_link_download_known",
                condition=Q(download__in=["", "720p", "1080p", "4k"]),
            ),
        ]

    @property
    def label(self) -> str:
        """The name its people call it by."""
        return self.title or "Untitled link"

    @property
    def awaits_pick(self) -> bool:
        """A larger copy is made of the next take that is picked."""
        return self.upgrade is not None and self.upgrade.status == Status.AWAITING_PICK


class SharedTakeQuerySet(models.QuerySet["SharedTake"]):
    def not_thrown(self) -> Self:
        """Without those whose video is in the trash."""
        return self.filter(rendition__job__trashed_at=None)

    def of_job(self, job: Job) -> Self:
        """The places at which a job's video is shown, at whatever size."""
        shown = Q(rendition__job=job)
        return self.filter(shown | Q(rendition__job__source=job, rendition__job__kind__in=UPGRADES))


class SharedTake(models.Model):
    """One rendition on a link, in its place."""

    class Marking(models.TextChoices):
        NONE = "", "Shown without watermark"
        WAITING = "waiting", "Watermarked copy will be made"
        DRAWING = "drawing", "Watermark is being added"
        READY = "ready", "Shown with watermark"
        FAILED = "failed", "The watermark could not be added"

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="takes")
    rendition = models.ForeignKey(Rendition, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    marking = models.CharField(max_length=8, choices=Marking, blank=True, default=Marking.NONE)
    try_at = models.DateTimeField(null=True)
    """The moment to draw its watermark (or, while drawing, to take the work over)."""
    attempts = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[SharedTakeQuerySet] = SharedTakeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["link", "rendition"], name="shared_take_once"),
            models.CheckConstraint(
                name="shared_take_marking_known",
                condition=Q(marking__in=["", "waiting", "drawing", "ready", "failed"]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["try_at"], condition=Q(try_at__isnull=False), name="shared_take_due"
            ),
        ]
