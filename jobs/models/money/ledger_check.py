from __future__ import annotations

from django.db import models
from django.db.models import Q


class LedgerCheck(models.Model):
    """The latest comparison of all budgets with their entries: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    checked_at = models.DateTimeField()
    mismatches = models.PositiveIntegerField()
    """The figures that did not add up."""

    class Meta:
        constraints = [models.CheckConstraint(name="ledger_check_is_one", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.mismatches} mismatches at {self.checked_at}"
