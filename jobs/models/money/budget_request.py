"""What somebody asks of an admin's credits, and what was said of a budget near its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from jobs.models.jobs.status import Status
from jobs.models.money.budget import Budget
from jobs.models.team.project import Project

if TYPE_CHECKING:
    from jobs.models.jobs.job import Job
    from jobs.models.team.user import User


class BudgetRequest(models.Model):
    """Somebody asks for credits: for an order that does not fit, or ahead.

    An order of several takes is asked for as a whole, and its `jobs` are decided together. There
    are none where credits are asked for ahead.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"
        UNNEEDED = "unneeded", "No longer needed"

    requester: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="budget_requests"
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    credits = models.PositiveIntegerField()
    own_available = models.BigIntegerField(null=True)
    """Credits that the requester had for the order; null unless it was those that fell short."""
    fits = models.BooleanField(default=False)
    """The budgets of what is parked hold it by now, as the follower saw last."""
    reason = models.CharField(max_length=300, blank=True, default="")
    """The requester's words to the admins."""
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    submission_key = models.UUIDField(null=True, unique=True)
    decided_by: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True, default="")
    """The admin's words to it."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="request_for_something", condition=Q(credits__gt=0)),
            models.CheckConstraint(
                name="request_decided_or_open",
                condition=Q(state="open", decided_at=None)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="request_state"),
        ]

    @property
    def job(self) -> Job | None:
        """The first of its jobs that is still parked, else the first; None where it has none."""
        jobs = list(self.jobs.all())
        parked = [job for job in jobs if job.status == Status.AWAITING_BUDGET]
        return next(iter(parked or jobs), None)

    @property
    def parked_count(self) -> int:
        """The number of its jobs that are still parked."""
        return sum(job.status == Status.AWAITING_BUDGET for job in self.jobs.all())


class BudgetWarning(models.Model):
    """A warning, once to its people and to the admins, that a budget is nearly spent."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="warnings")
    percent = models.PositiveSmallIntegerField()
    """The part of what was given that is spent or held: 80 or 95."""
    given = models.BigIntegerField()
    """Credits given by then. More of them, and the threshold can be passed anew."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "percent", "given"], name="warning_once_per_mark"
            )
        ]
