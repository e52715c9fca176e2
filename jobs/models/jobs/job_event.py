from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from jobs.models.jobs.job import Job

if TYPE_CHECKING:
    from jobs.models.team.user import User


class JobEvent(models.Model):
    """A line of a job's history. Written in the same transaction as the change it tells of."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    before = models.CharField(max_length=16, blank=True, default="")
    after = models.CharField(max_length=16)
    text = models.CharField(max_length=500, blank=True, default="")
    actor: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
