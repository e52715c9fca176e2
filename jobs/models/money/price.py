from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from jobs.models.jobs.job import Job
from jobs.models.money.withdrawn_model import WithdrawnModel
from jobs.providers import PROVIDERS
from jobs.providers.base import size_name


class PriceQuerySet(models.QuerySet["Price"]):
    def in_force(self) -> list[Price]:
        """The one row of each piece of work that counts now: the latest that has begun."""
        return latest_of(self.begun(timezone.now()))

    def begun(self, now: datetime) -> PriceQuerySet:
        """Those that count or have counted, in the order in which they began."""
        rows = self.filter(valid_from__lte=now).order_by("valid_from", "pk")
        return rows.annotate(is_withdrawn=WithdrawnModel.named())


def latest_of(begun: Iterable[Price]) -> list[Price]:
    """Of each piece of work the row that began last."""
    latest = {row.work: row for row in begun}
    return sorted(latest.values(), key=lambda row: row.work)


class Price(models.Model):
    """The cost of one piece of work, in credits, from a moment on.

    The first ones are those of docs/contracts.md, kie 7, market 4 and veo4 5. A changed price is a
    new row, so that every quote of the past can be explained.
    """

    class Mode(models.TextChoices):
        ANY = "", "any"
        TEXT = "text", "text"
        IMAGE = "image", "image"
        VIDEO = "video", "video"

    provider = models.CharField(max_length=16)
    kind = models.CharField(max_length=16)
    model = models.CharField(max_length=32, blank=True, default="")
    """Empty where the price is the same for every model."""
    mode = models.CharField(max_length=8, choices=Mode, blank=True, default=Mode.ANY)
    resolution = models.CharField(max_length=8, blank=True, default="")
    duration = models.PositiveSmallIntegerField(default=0)
    """Seconds; 0 where the price is the same for every length."""
    credits = models.PositiveIntegerField()
    published = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    """What the provider published in its own credits, where this price, or one before it, was taken
    over from there: what it charges counts relative to that.
    """
    valid_from = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    """None for the prices of the contracts."""

    objects: ClassVar[PriceQuerySet] = PriceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = [
            "provider",
            "kind",
            "model",
            "resolution",
            "mode",
            "duration",
            "-valid_from",
        ]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "provider",
                    "kind",
                    "model",
                    "mode",
                    "resolution",
                    "duration",
                    "valid_from",
                ],
                name="price_one_per_work_and_moment",
            ),
            # A free job would need no hold, and every job must have one (L4).
            models.CheckConstraint(name="price_positive", condition=models.Q(credits__gt=0)),
        ]

    def __str__(self) -> str:
        """The piece of work, as people know it."""
        provider = PROVIDERS.get(self.provider)
        models = {model.name: model.label for model in provider.models} if provider else {}
        words = (
            provider.label if provider else self.provider,
            dict(Job.Kind.choices).get(self.kind, self.kind),
            models.get(self.model, self.model),
            f"from {self.get_mode_display()}" if self.mode else "",
            size_name(self.resolution),
            f"{self.duration} s" if self.duration else "",
        )
        return ", ".join(word for word in words if word)

    @property
    def work(self) -> tuple[str, str, str, str, str, int]:
        """The piece of work that this row prices."""
        return (
            self.provider,
            self.kind,
            self.model,
            self.resolution,
            self.mode,
            self.duration,
        )
