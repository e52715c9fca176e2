from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from jobs.models.team.user import User


class PasswordLinkQuerySet(models.QuerySet["PasswordLink"]):
    def open(self) -> Self:
        """Those that somebody can still set a password with."""
        return self.filter(ended_at=None, expires_at__gt=Now(), person__is_active=True)


class PasswordLink(models.Model):
    """A link with which one person sets a new password. Only the hash of its token is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    """SHA-256 of the 256-bit token."""
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="password_links"
    )
    made_by: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    """The admin who hands it over; None where it was mailed."""
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    """Used, or made worthless by another password."""

    objects: ClassVar[PasswordLinkQuerySet] = PasswordLinkQuerySet.as_manager()  # type: ignore[assignment]
