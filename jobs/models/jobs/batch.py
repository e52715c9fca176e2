from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jobs.models.jobs.job import Job
from jobs.models.team.user import User


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: User) -> Self:
        """One's own; an admin's all."""
        return self if user.is_admin else self.filter(owner=user)

    def drafts(self) -> Self:
        return self.filter(state=Batch.State.DRAFT)

    def due(self) -> Self:
        """Those of which rows wait to be ordered, and that no worker was woken for of late."""
        return self.filter(state=Batch.State.ORDERING, wake_at__lte=Now())


class Batch(models.Model):
    """A table of orders: handed in as text, looked through, and ordered by one confirmation.

    Of a draft there is its text alone. What is confirmed becomes rows, each ordered once.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        ORDERING = "ordering", "Ordering"
        ORDERED = "ordered", "Ordered"

    class Choice(models.TextChoices):
        ALL = "all", "All or nothing"
        FITTING = "fitting", "Start what fits, ask for approval of the rest"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="batches"
    )
    """Whoever handed it in, for good: its videos may pass to a colleague, their order does not."""
    submission_key = models.UUIDField()
    """Hidden in the form: a table that is sent twice is one batch."""
    name = models.CharField(max_length=120)
    text = models.TextField()
    encoding = models.CharField(max_length=16, blank=True, default="")
    """The encoding that its file was read by; empty for what was typed or pasted."""
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    choice = models.CharField(max_length=8, choices=Choice, blank=True, default="")
    practice = models.BooleanField(default=False)
    """Confirmed in practice mode: then nothing of it may cost real credits."""
    columns = models.JSONField(default=list)
    """The names of its columns, as they were given."""
    content_digest = models.CharField(max_length=64, blank=True, default="")
    """Of what was confirmed, however it was written: the same table is known again by it."""
    trouble = models.CharField(max_length=500, blank=True, default="")
    """The reason why nothing was ordered, or why its rows wait."""
    created_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    wake_at = models.DateTimeField(db_default=Now())
    """The moment at which the follower wakes a worker for it."""

    objects: ClassVar[BatchQuerySet] = BatchQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "submission_key"], name="batch_one_per_click"),
            models.CheckConstraint(
                name="batch_state_known",
                condition=Q(state="draft", confirmed_at=None, ended_at=None)
                | Q(state="ordering", confirmed_at__isnull=False, ended_at=None)
                | Q(state="ordered", confirmed_at__isnull=False, ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="batch_confirmed_by_choice",
                condition=Q(state="draft") | Q(choice__in=["all", "fitting"]),
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="batch_owner_newest"),
            # The follower: of which are rows to be ordered now?
            models.Index(fields=["wake_at"], condition=Q(state="ordering"), name="batch_due"),
            # Was the same table ordered before?
            models.Index(fields=["owner", "content_digest"], name="batch_content"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"


class BatchRowQuerySet(models.QuerySet["BatchRow"]):
    def waiting(self) -> Self:
        """Those that are neither ordered nor refused."""
        return self.filter(job=None, error="")


class BatchRow(models.Model):
    """One row of a confirmed batch: what is to be ordered at which price, and what became of it."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    """As a spreadsheet counts: the names of the columns are in row 1."""
    cells = models.JSONField(default=list)
    """As they were given, for the result file."""
    order = models.JSONField()
    """The fields of its `Submission`."""
    cost = models.PositiveIntegerField()
    """Credits for all its takes, as confirmed."""
    takes = models.PositiveSmallIntegerField(default=1)
    job: models.OneToOneField[Job | None, Job | None] = models.OneToOneField(
        Job, null=True, on_delete=models.PROTECT, related_name="batch_row"
    )
    """The one that was ordered for it, or the first of its takes; a job is of one row."""
    error = models.CharField(max_length=500, blank=True, default="")
    """The reason why nothing was ordered for it."""

    objects: ClassVar[BatchRowQuerySet] = BatchRowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="batch_row_once"),
            models.CheckConstraint(
                name="batch_row_ordered_or_refused", condition=Q(job=None) | Q(error="")
            ),
        ]
