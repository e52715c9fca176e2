from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class TroubleQuerySet(models.QuerySet["Trouble"]):
    def on(self) -> Self:
        """Those that are not over. Served by the constraint trouble_once."""
        return self.filter(over_at=None)


class Trouble(models.Model):
    """Something of the installation that needs an admin, from when it was noticed to its end."""

    class Kind(models.TextChoices):
        KEY = "key", "A key is refused, or its account is empty"
        PROVIDER = "provider", "A provider can’t be reached"
        SILENT = "silent", "Workers or the follower are silent"
        DISK = "disk", "A disk is nearly full, or missing"
        LEDGER = "ledger", "The ledger does not add up"
        FILMS = "films", "Films that are not stored will soon be gone"
        DOUBT = "doubt", "Videos need a look"
        RESTORED = "restored", "The database was restored"
        CALLBACKS = "callbacks", "Callbacks come with a wrong signature"
        MODEL = "model", "A provider has a model no longer"

    kind = models.CharField(max_length=9, choices=Kind)
    subject = models.CharField(max_length=120)
    """What of this kind it is about, and on which machine where that matters."""
    text = models.CharField(max_length=300)
    """The fact in one line, as it was when it was last noticed."""
    began_at = models.DateTimeField(db_default=Now())
    noticed_at = models.DateTimeField(db_default=Now())
    over_at = models.DateTimeField(null=True)

    objects: ClassVar[TroubleQuerySet] = TroubleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(over_at=None), name="trouble_once"
            ),
        ]
        indexes = [
            # What is old enough to go.
            models.Index(fields=["over_at"], name="trouble_over"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
