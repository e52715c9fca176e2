from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from jobs.models.job import Job
    from jobs.models.user import User


class Budget(models.Model):
    """A person's credits. Both figures are the fold of the entries; only `ledger` moves them."""

    owner: models.OneToOneField[User, User] = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="budget"
    )
    balance = models.BigIntegerField(default=0)
    """Credits granted and not yet spent. A charge above its hold may take it below zero."""
    held = models.BigIntegerField(default=0)
    """Credits reserved for unfinished jobs."""
    is_frozen = models.BooleanField(default=False)
    """Set while the figures do not equal the fold of the entries: nothing more is reserved."""

    class Meta:
        constraints = [
            # Reserving more than there is can only be a bug: the database says no as well.
            models.CheckConstraint(name="budget_held_not_negative", condition=Q(held__gte=0)),
        ]

    @property
    def available(self) -> int:
        """What the next job may cost."""
        return max(self.balance - self.held, 0)


class LedgerEntry(models.Model):
    """One immutable movement of credits (triggers refuse UPDATE and DELETE)."""

    class Kind(models.TextChoices):
        GRANT = "grant", "Granted"
        HOLD = "hold", "Held"
        SETTLE = "settle", "Spent"
        RELEASE = "release", "Released"
        ADJUST = "adjust", "Adjusted"
        RESET = "reset", "Reset"
        REVERSAL = "reversal", "Corrected"

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=8, choices=Kind)
    credits = models.BigIntegerField(default=0)
    """Change of the budget's balance."""
    held = models.BigIntegerField(default=0)
    """Change of the budget's held credits."""
    job: models.ForeignKey[Job | None, Job | None] = models.ForeignKey(
        "jobs.Job", null=True, on_delete=models.PROTECT, related_name="entries"
    )
    actor: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True, default="")
    submission_key = models.UUIDField(null=True, unique=True)
    """Hidden in the form: a grant clicked twice is one grant."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # A job reserves once, ends its hold once, and is put right at most once after that.
            models.UniqueConstraint(
                fields=["job"], condition=Q(kind="hold"), name="entry_one_hold_per_job"
            ),
            models.UniqueConstraint(
                fields=["job"],
                condition=Q(kind__in=["settle", "release"]),
                name="entry_one_end_per_hold",
            ),
            models.UniqueConstraint(
                fields=["job"], condition=Q(kind="reversal"), name="entry_one_reversal_per_job"
            ),
            models.CheckConstraint(
                name="entry_shape",
                condition=(
                    Q(kind="grant", held=0, job=None)
                    | Q(kind="hold", credits=0, held__gt=0, job__isnull=False)
                    | Q(kind="settle", credits__lte=0, held__lt=0, job__isnull=False)
                    | Q(kind="release", credits=0, held__lt=0, job__isnull=False)
                    | Q(kind="adjust", held=0)
                    | Q(kind="reset", held=0, job=None)
                    | Q(kind="reversal", held=0, job__isnull=False)
                ),
            ),
        ]
