from __future__ import annotations

from django.db import models


class Price(models.Model):
    """What one piece of work costs, in credits. Seeded from the contracts, edited by admins."""

    class Mode(models.TextChoices):
        ANY = "", "any"
        TEXT = "text", "text"
        IMAGE = "image", "image"

    provider = models.CharField(max_length=16)
    kind = models.CharField(max_length=16)
    model = models.CharField(max_length=32, blank=True, default="")
    """Empty where the price is the same for every model."""
    mode = models.CharField(max_length=8, choices=Mode, blank=True, default=Mode.ANY)
    resolution = models.CharField(max_length=8, blank=True, default="")
    credits = models.PositiveIntegerField()

    class Meta:
        ordering = ["provider", "kind", "model", "resolution", "mode"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "kind", "model", "mode", "resolution"],
                name="price_one_per_work",
            ),
            # A free job would need no hold, and every job must have one (L4).
            models.CheckConstraint(name="price_positive", condition=models.Q(credits__gt=0)),
        ]

    def __str__(self) -> str:
        parts = (self.provider, self.kind, self.model, self.mode, self.resolution)
        return " ".join(part for part in parts if part)
