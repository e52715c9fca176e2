from __future__ import annotations

from django.db import models


class LimitUse(models.Model):
    """How much of a limit somebody has used up: one row for each of both (see `limits`)."""

    limit = models.CharField(max_length=40)
    who = models.CharField(max_length=64)
    """A keyed hash: addresses and people are counted here, and not to be read here."""
    used_until = models.DateTimeField(db_index=True)
    """The moment at which nothing of it is used up any more."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["limit", "who"], name="limit_use_once")]
