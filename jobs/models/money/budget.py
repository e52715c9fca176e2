from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from jobs.models.team.project import Project

if TYPE_CHECKING:
    from jobs.models.jobs.job import Job
    from jobs.models.team.user import User


class BudgetQuerySet(models.QuerySet["Budget"]):
    def of_people(self) -> Self:
        return self.filter(owner__isnull=False)

    def of_team(self) -> Self:
        return self.filter(owner=None, project=None)

    def in_force(self, today: date) -> Self:
        """Those that can be spent from on this day: without a period, or within it."""
        return self.filter(Q(period=None) | Q(period__lte=today, until__gt=today))


class Budget(models.Model):
    """Credits that can be spent in one scope: by a person, on a project, or by the team.

    A person has one without a period (what was granted) and one for each period of an allowance;
    a project has one, the team one for each period. Both figures are the fold of the entries; only
    `ledger` moves them.
    """

    owner: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="budgets"
    )
    project = models.ForeignKey(
        Project, null=True, on_delete=models.PROTECT, related_name="budgets"
    )
    """Neither an owner nor a project: the team's."""
    period = models.DateField(null=True)
    """The first day it can be spent on, in TIME_ZONE; null for any day."""
    until = models.DateField(null=True)
    """The day after the last one."""
    is_capped = models.BooleanField(default=True)
    """The balance bounds what is spent. Without a cap it only counts, downwards."""
    balance = models.BigIntegerField(default=0)
    """Credits given and not yet spent. A charge above its hold may take it below zero."""
    held = models.BigIntegerField(default=0)
    """Credits reserved for unfinished jobs."""
    given = models.BigIntegerField(default=0)
    """The credits there were to spend when some were last given: the measure for warnings."""
    is_frozen = models.BooleanField(default=False)
    """Set while the figures do not equal the fold of the entries: nothing more is reserved."""

    objects: ClassVar[BudgetQuerySet] = BudgetQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            # Reserving more than there is can only be a bug: the database says no as well.
            models.CheckConstraint(name="budget_held_not_negative", condition=Q(held__gte=0)),
            models.CheckConstraint(
                name="budget_one_scope", condition=Q(owner=None) | Q(project=None)
            ),
            models.CheckConstraint(
                name="budget_period_ends",
                condition=Q(period=None, until=None) | Q(period__lt=models.F("until")),
            ),
            models.CheckConstraint(
                name="budget_of_person_is_capped", condition=Q(owner=None) | Q(is_capped=True)
            ),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(period=None), name="budget_one_per_person"
            ),
            models.UniqueConstraint(
                fields=["owner", "period"],
                condition=Q(owner__isnull=False),
                name="budget_one_per_person_and_period",
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(project__isnull=False),
                name="budget_one_per_project",
            ),
            models.UniqueConstraint(
                fields=["period"],
                condition=Q(owner=None, project=None),
                name="budget_one_per_team_and_period",
            ),
        ]

    def __str__(self) -> str:
        whose = self.owner.username if self.owner else self.project.name if self.project else "team"
        return f"{whose}, from {self.period}" if self.period else whose

    @property
    def available(self) -> int:
        """The most that the next job may cost."""
        return max(self.balance - self.held, 0)


class LedgerEntryQuerySet(models.QuerySet["LedgerEntry"]):
    def of_people(self) -> Self:
        """Each movement once: a job's stand in its project's and the team's books as well."""
        return self.filter(budget__owner__isnull=False)


class LedgerEntry(models.Model):
    """One immutable movement of credits (triggers refuse UPDATE and DELETE).

    A job moves credits in every scope it belongs to: its owner's, its project's and the team's.
    """

    class Kind(models.TextChoices):
        GRANT = "grant", "Granted"
        HOLD = "hold", "Reserved"
        SETTLE = "settle", "Spent"
        RELEASE = "release", "Released"
        ADJUST = "adjust", "Adjusted"
        RESET = "reset", "Allowance"
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
    """The job it was moved for. A grant with a job was made for that one alone."""
    actor: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True, default="")
    submission_key = models.UUIDField(null=True, unique=True)
    """Hidden in the form: a grant clicked twice is one grant."""
    booked_on = models.DateField()
    """The day it counts for, in TIME_ZONE: a hold's end counts for the day of the hold."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[LedgerEntryQuerySet] = LedgerEntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        constraints = [
            # In each budget a job reserves once, ends its hold once, and is put right at most once.
            models.UniqueConstraint(
                fields=["job", "budget"], condition=Q(kind="hold"), name="entry_one_hold_per_job"
            ),
            models.UniqueConstraint(
                fields=["job", "budget"],
                condition=Q(kind__in=["settle", "release"]),
                name="entry_one_end_per_hold",
            ),
            models.UniqueConstraint(
                fields=["job", "budget"],
                condition=Q(kind="reversal"),
                name="entry_one_reversal_per_job",
            ),
            models.CheckConstraint(
                name="entry_shape",
                condition=(
                    Q(kind="grant", held=0)
                    | Q(kind="hold", credits=0, held__gt=0, job__isnull=False)
                    | Q(kind="settle", credits__lte=0, held__lt=0, job__isnull=False)
                    | Q(kind="release", credits=0, held__lt=0, job__isnull=False)
                    | Q(kind="adjust", held=0)
                    | Q(kind="reset", held=0, job=None)
                    | Q(kind="reversal", held=0, job__isnull=False)
                ),
            ),
        ]
        indexes = [
            # Statements and usage: what happened in a budget between two days.
            models.Index(fields=["budget", "booked_on"], name="entry_budget_day"),
            # Usage: what was given and taken between two days, which is rare beside holds.
            models.Index(fields=["booked_on"], condition=Q(held=0), name="entry_given_day"),
        ]
