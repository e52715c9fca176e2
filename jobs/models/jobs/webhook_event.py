from __future__ import annotations

from django.db import models
from django.db.models import Q

from jobs.models.jobs.job import Job


class WebhookEvent(models.Model):
    """A callback as it arrived. It is a hint: it names an id that we may ask about, no more."""

    class Verdict(models.TextChoices):
        WAITING = "waiting", "To be looked at"
        ATTACHED = "attached", "Its id was proved to be this job's"
        REFUSED = "refused", "Its id is not this job's"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="webhook_events")
    external_id = models.CharField(max_length=128)
    body_hash = models.CharField(max_length=64)
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.WAITING)
    lookups = models.PositiveSmallIntegerField(default=0)
    """Questions to the provider about this id that got no clear answer."""
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "body_hash"], name="webhook_event_once"),
        ]
        indexes = [
            # For lifecycle: which ids may be this uncertain job's?
            models.Index(
                fields=["job"], condition=Q(verdict="waiting"), name="webhook_event_waiting"
            ),
        ]
