from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef

from jobs.models.team.user import User


class WithdrawnModel(models.Model):
    """A model of a provider's of which nothing new is ordered; what it made stays as it is."""

    provider = models.CharField(max_length=16)
    model = models.CharField(max_length=32)
    since = models.DateTimeField(auto_now_add=True)
    withdrawn_by: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    """None where the provider itself said that it has the model no longer."""
    reason = models.CharField(max_length=300)

    objects: ClassVar[models.Manager[WithdrawnModel]] = models.Manager()

    class Meta:
        ordering = ["provider", "model"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "model"], name="withdrawn_model_once")
        ]

    def __str__(self) -> str:
        return f"{self.model} at {self.provider}"

    @classmethod
    def named(cls) -> Exists:
        """Within a question to a table with `provider` and `model`: the model is withdrawn."""
        rows = cls.objects.filter(provider=OuterRef("provider"), model=OuterRef("model"))
        return Exists(rows)
