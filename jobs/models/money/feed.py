from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class FeedReading(models.Model):
    """The latest reading of a provider's public list of prices, one row for each."""

    class Outcome(models.TextChoices):
        READ = "read", "read"
        AWAY = "away", "did not answer"
        UNCLEAR = "unclear", "answered something that is not understood"

    provider = models.CharField(max_length=16)
    practice = models.BooleanField(default=False)
    tried_at = models.DateTimeField(null=True)
    """Claimed by whoever reads: at most once a day."""
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    """Of the latest try; empty before the first one ended."""
    read_at = models.DateTimeField(null=True)
    """The latest that was understood."""
    rows = models.PositiveIntegerField(default=0)
    """How many it had then; of them `matched` are about work of ours."""
    matched = models.PositiveIntegerField(default=0)
    unreadable = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager[FeedReading]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "practice"], name="feed_reading_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.outcome}"


class FeedPriceQuerySet(models.QuerySet["FeedPrice"]):
    def here(self, provider: str) -> FeedPriceQuerySet:
        """Those of a provider as this installation speaks to it, the oldest first."""
        rows = self.filter(provider=provider, practice=settings.PRACTICE)
        return rows.order_by("first_seen", "pk")


class FeedPrice(models.Model):
    """What a provider's list said of one piece of work for a time. A change is a new row."""

    provider = models.CharField(max_length=16)
    practice = models.BooleanField(default=False)
    name = models.CharField(max_length=160)
    """The work in the provider's words, which its declaration knows the meaning of."""
    unit = models.CharField(max_length=40, blank=True, default="")
    credits = models.DecimalField(max_digits=12, decimal_places=4)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    objects: ClassVar[FeedPriceQuerySet] = FeedPriceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "practice", "name", "unit", "first_seen"],
                name="feed_price_one_at_a_time",
            ),
            models.CheckConstraint(name="feed_price_positive", condition=Q(credits__gt=0)),
            models.CheckConstraint(
                name="feed_price_seen", condition=Q(last_seen__gte=F("first_seen"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.credits}"
