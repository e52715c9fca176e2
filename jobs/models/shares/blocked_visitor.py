from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from jobs.models.shares.share_link import ShareLink

if TYPE_CHECKING:
    from jobs.models.team.user import User


class BlockedVisitor(models.Model):
    """A visitor who may look at a link and no longer write on it."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="blocked")
    name = models.CharField(max_length=60)
    """As they called themselves when they were blocked."""
    visitor = models.CharField(max_length=64)
    address = models.CharField(max_length=64, blank=True, default="")
    """As a note has both. From that address nobody new is heard, who may be the same visitor."""
    blocked_by: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["link", "visitor"], name="blocked_visitor_once")
        ]
