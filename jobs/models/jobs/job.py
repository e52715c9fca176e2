from __future__ import annotations

import uuid
from typing import ClassVar, TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import Case, When
from django.db.models.functions import Now

from jobs.models.at_provider import AtProvider
from jobs.models.computed import SearchField, TitleKeyField
from jobs.models.jobs.job_constraints import CONSTRAINTS
from jobs.models.jobs.job_indexes import INDEXES
from jobs.models.jobs.job_set import NEEDING_ATTENTION, JobQuerySet
from jobs.models.jobs.status import Status
from jobs.models.team.credential import Credential
from jobs.models.team.project import Project
from jobs.models.team.user import User

TITLE_LENGTH_MAX = 120


class Job(AtProvider, models.Model):
    """One paid piece of work at a provider. Only `lifecycle` changes its status."""

    PAUSED = "paused"
    """The error code of a queued job that waits for a working key."""
    NOT_PICKED = "not-picked"
    """The error code of a larger copy that was held for, and that nobody had made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs", db_index=False
    )
    payer: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """The person whose budgets paid for it: stays when the job passes to a colleague."""
    project = models.ForeignKey(
        Project,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="jobs",
        db_index=False,
    )
    """The project that it is filed under by now."""
    paid_project: models.ForeignKey[Project | None, Project | None] = models.ForeignKey(
        Project, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """The project whose budget paid for it: stays when the job is filed elsewhere."""
    credential = models.ForeignKey(
        Credential, null=True, on_delete=models.SET_NULL, related_name="jobs"
    )
    practice = models.BooleanField(default=False)
    submission_key = models.UUIDField()
    """Hidden in the form: the same click, however often it arrives, is the same job."""
    submission_digest = models.CharField(max_length=64)
    likeness = models.CharField(max_length=64)
    """SHA-256 of what the video is made from, whoever asks and under which project: two jobs of
    the same likeness can only differ by chance."""

    # What is asked for
    kind = models.CharField(
        max_length=16, choices=AtProvider.Kind, default=AtProvider.Kind.GENERATE
    )
    source: models.ForeignKey[Job | None, Job | None] = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="derived"
    )
    provider = models.CharField(max_length=16)
    model = models.CharField(max_length=32)
    mode = models.CharField(max_length=12, choices=AtProvider.Mode, default=AtProvider.Mode.TEXT)
    prompt = models.TextField()
    title = models.CharField(max_length=TITLE_LENGTH_MAX, blank=True, default="")
    """What people call the video; where it is empty, its prompt does. A larger copy has its
    video's."""
    aspect_ratio = models.CharField(max_length=8)
    resolution = models.CharField(max_length=8)
    duration = models.PositiveSmallIntegerField()
    """Seconds; 0 where the model decides."""
    span_start = models.PositiveSmallIntegerField(null=True)
    """The second at which the changed part of its film begins; null of what changes none."""
    span_end = models.PositiveSmallIntegerField(null=True)
    seed = models.PositiveIntegerField()
    seed_chosen = models.BooleanField(default=False)
    translate = models.BooleanField(default=True)
    watermark = models.CharField(max_length=80, blank=True, default="")
    take_group = models.UUIDField(null=True)
    """What the takes that were ordered together have in common; null of what was ordered alone."""
    take = models.PositiveSmallIntegerField(null=True)
    """Its place among those, from 1; null of what was ordered alone."""
    is_draft = models.BooleanField(default=False)
    """A cheap look at a prompt: it can be promoted, once to each model and size."""
    full_price = models.PositiveIntegerField(null=True)
    """The price, on its day, of the same as its project delivered in then; of drafts alone, and
    null where that could not be ordered."""
    draft: models.ForeignKey[Job | None, Job | None] = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="promotions",
        db_index=False,
    )
    """The draft that it was promoted from."""
    budget_request = models.ForeignKey(
        "jobs.BudgetRequest",
        null=True,
        on_delete=models.PROTECT,
        related_name="jobs",
        related_query_name="job",
        db_index=False,
    )
    """What an admin was asked when its budget did not hold it; one for all takes of an order."""

    # What the team thinks of it, the same for all who see it; `choosing` alone changes that
    is_favorite = models.BooleanField(default=False)
    rating = models.PositiveSmallIntegerField(default=0)
    """1 to 5; 0 for none."""
    is_rejected = models.BooleanField(default=False)

    # Where it stands
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    is_late = models.BooleanField(default=False)
    is_unkept = models.BooleanField(default=False)
    """A file was made, none is kept, and nobody fetches one any more: written by the database alone
    (models/unkept.py)."""
    needs_attention = models.GeneratedField(
        expression=Case(When(NEEDING_ATTENTION, then=True), default=False),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    progress = models.PositiveSmallIntegerField(null=True)
    """Percent as the provider tells it; null where it tells nothing."""
    error_code = models.CharField(max_length=40, blank=True, default="")
    error = models.CharField(max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    # The permission to send
    claims = models.PositiveSmallIntegerField(default=0)
    unreached_since = models.DateTimeField(null=True)
    """The moment from which it waits for a provider that can't be reached; else null."""
    lease_until = models.DateTimeField(null=True)
    try_at = models.DateTimeField(db_default=Now())
    """Not sent before this moment (backing off, or waiting for a slot)."""
    wake_at = models.DateTimeField(db_default=Now())
    """The moment at which the follower wakes a worker for it, should the first wake-up be lost."""
    hand_count = models.PositiveSmallIntegerField(default=0)
    """Attempts of workers to hand its images to the provider: the number of the latest one, by
    which an older one knows that it was overtaken.
    """
    callback_hash = models.CharField(max_length=64, blank=True, default="")
    """SHA-256 of the secret in this job's callback address; the secret itself is not kept."""

    # What the provider told us
    external_id = models.CharField(max_length=128, blank=True, default="")
    check_at = models.DateTimeField(null=True)
    nudged_at = models.DateTimeField(null=True)
    """The latest moment for which a callback made us ask, since the job was last sent: at most
    one in 10 seconds."""
    missing_count = models.PositiveSmallIntegerField(default=0)
    """Answers in a row that lacked the record, or the film of an extension."""
    is_confirmed = models.BooleanField(default=False)
    """The provider has shown that it has the job; an upgrade in doubt runs before it has."""
    asked_until = models.DateTimeField(null=True)
    """While a question about an upgrade is out, which may be its order once more."""
    unasked_since = models.DateTimeField(null=True)
    """The moment from which each question about it has broken here, for a reason that nobody
    foresaw; null while they can be asked."""
    resubmitted_as: models.OneToOneField[Job | None, Job | None] = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="resubmission_of"
    )
    """The one job that was sent in place of this doubtful one."""
    closed_at = models.DateTimeField(null=True)
    """An admin's word that nothing more is to be done about it as it stands, or the moment at which
    it was sent again: its next move, or another try of its file, takes that back."""
    closed_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    # Money
    quote = models.PositiveIntegerField()
    booked_on = models.DateField(null=True)
    """The day of its hold, in TIME_ZONE, for which all that it costs counts. Null while parked."""
    charged = models.PositiveIntegerField(null=True)
    """Credits spent in the end; null while that is open."""
    is_unverified = models.BooleanField(default=False)
    """Charged without the provider's word for it (a lost job)."""
    provider_credits_estimated = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    provider_credits_charged = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    is_fallback = models.BooleanField(default=False)
    """Made by the provider's fallback model, where it has one."""
    film_seconds = models.DecimalField(max_digits=8, decimal_places=3, default=0)
    """The length of the film that was kept of it, by which people sort; 0 before that."""
    film_lines = models.PositiveSmallIntegerField(default=0)
    """The lines of the largest film that was kept of it, larger copies included; 0 before that."""

    moved_at = models.DateTimeField(null=True)
    """The latest move to another project, out of one, or to another owner: open pages may have to
    take it away."""

    # Thrown away, with its larger copies
    trashed_at = models.DateTimeField(null=True)
    trashed_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    purged_at = models.DateTimeField(null=True)
    """The moment from which its files are gone for good; the row and its books stay."""

    # Last, so that what reads other columns only need not read past it
    searchable = SearchField("prompt", "title")
    title_key = TitleKeyField("title", "prompt")

    objects: ClassVar[JobQuerySet[Job]] = JobQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        # Takes that were ordered together stand together, in their order.
        ordering = ["-created_at", "take_group", "take", "-id"]
        constraints = CONSTRAINTS
        indexes = INDEXES

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id} ({self.status})"

    @property
    def label(self) -> str:
        """What people call it: its title, else its prompt."""
        return self.title or self.prompt

    def source_seen_by(self, user: User) -> Job | None:
        """What it was made of, where this person may see that: as `visible_to` has it of rows.

        It can be filed elsewhere, or lie in the trash, alone.
        """
        return self.source if self.source and self.source.is_seen_by(user) else None

    def is_seen_by(self, user: User) -> bool:
        """The same as `visible_to`, of a row that was read."""
        if self.trashed_at:
            return False
        return user.is_admin or self.project_id is not None or self.owner_id == user.pk


Jobs: TypeAlias = JobQuerySet[Job]
