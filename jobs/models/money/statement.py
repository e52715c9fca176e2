from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from jobs.models.team.project import Project


class Statement(models.Model):
    """The closed books of one month in one scope (triggers refuse UPDATE and DELETE).

    opening + granted + adjusted - expired - spent = closing.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="statements"
    )
    project = models.ForeignKey(
        Project, null=True, on_delete=models.PROTECT, related_name="statements"
    )
    """Neither an owner nor a project: the team's."""
    month = models.DateField()
    """Its first day."""
    opening = models.BigIntegerField()
    granted = models.BigIntegerField()
    """Grants and allowances."""
    adjusted = models.BigIntegerField()
    expired = models.BigIntegerField()
    """The credits of an allowance that were left at its end."""
    held = models.BigIntegerField()
    """Credits reserved in the month, whatever became of them."""
    spent = models.BigIntegerField()
    """Settlements, charges above a quote and corrections."""
    released = models.BigIntegerField()
    """Held, and given back unspent."""
    closing = models.BigIntegerField()
    job_count = models.PositiveIntegerField()
    is_capped = models.BooleanField(default=True)
    """A balance bounded the spending; without one, the balances count down from 0."""
    credit_value = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    """The worth of a credit in `currency` as the month was closed."""
    currency = models.CharField(max_length=3, blank=True, default="")
    last_entry = models.BigIntegerField()
    """The id of the newest entry in it."""
    sha256 = models.CharField(max_length=64)
    """Of its entries, in their order: what was closed can be compared."""
    closed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-month", "pk"]
        constraints = [
            models.CheckConstraint(
                name="statement_one_scope", condition=Q(owner=None) | Q(project=None)
            ),
            models.CheckConstraint(
                name="statement_adds_up",
                condition=Q(
                    closing=models.F("opening")
                    + models.F("granted")
                    + models.F("adjusted")
                    - models.F("expired")
                    - models.F("spent")
                ),
            ),
            models.UniqueConstraint(
                fields=["owner", "month"],
                condition=Q(owner__isnull=False),
                name="statement_one_per_person",
            ),
            models.UniqueConstraint(
                fields=["project", "month"],
                condition=Q(project__isnull=False),
                name="statement_one_per_project",
            ),
            models.UniqueConstraint(
                fields=["month"],
                condition=Q(owner=None, project=None),
                name="statement_one_per_team",
            ),
        ]
