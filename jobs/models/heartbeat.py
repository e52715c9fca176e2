from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Heartbeat(models.Model):
    """The latest sign of life of one process that works for others: see `heartbeats`."""

    class Part(models.TextChoices):
        WORKER = "worker", "Workers"
        FOLLOWER = "follower", "Follower"

    part = models.CharField(max_length=8, choices=Part)
    process = models.CharField(max_length=100)
    """Its machine and its number there."""
    beat_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["part", "process"], name="heartbeat_one_per_process"),
            models.CheckConstraint(
                name="heartbeat_part_known", condition=Q(part__in=["worker", "follower"])
            ),
        ]
