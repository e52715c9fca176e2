from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Life(models.Model):
    """The time of this database from its beginning, or from a restore, to the next restore."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    began_at = models.DateTimeField(db_default=Now())
    left_off_at = models.DateTimeField(null=True)
    """The moment that the database was put back to; null of the first life, and of one that was
    only moved to another machine."""
    reason = models.CharField(max_length=200, blank=True, default="")
    """How it was known that the database was restored; empty where it was not."""
    doubted = models.PositiveIntegerField(default=0)
    """The jobs that may have been sent between those two moments, and need a look."""
    backed_up_at = models.DateTimeField(null=True)
    """The beginning of its latest backup: of a restored one, the moment that it tells of."""

    class Meta:
        ordering = ["-began_at"]
        constraints = [
            models.CheckConstraint(
                name="life_restored_with_a_reason",
                condition=Q(left_off_at=None, reason="", doubted=0)
                | (Q(left_off_at__isnull=False) & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"life {self.pk} since {self.began_at}"


class Lifeline(models.Model):
    """The one row that says which life this is, and how far it has come. No backup holds it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    life = models.ForeignKey(Life, on_delete=models.PROTECT, related_name="+")
    notches = models.PositiveBigIntegerField(default=0)
    """One more with each claim of a paid request, and twice a minute: it never goes back."""
    alive_at = models.DateTimeField(db_default=Now())
    """The moment of its latest notch."""

    class Meta:
        constraints = [models.CheckConstraint(name="lifeline_is_one", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"notch {self.notches} of life {self.life_id}"
