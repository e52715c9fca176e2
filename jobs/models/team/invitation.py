from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jobs.models.team.user import User

if TYPE_CHECKING:
    from jobs.models.team.project import Project


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """Those that somebody can still join with."""
        return self.filter(used_by=None, revoked_at=None, expires_at__gt=Now())


class Invitation(models.Model):
    """A link that lets one new person join. Only the hash of its token is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    """SHA-256 of the 256-bit token."""
    role = models.CharField(max_length=8, choices=User.Role, default=User.Role.MEMBER)
    note = models.CharField(max_length=80, blank=True, default="")
    """The person it is for, in the admin's words."""
    allowance = models.BigIntegerField(default=0)
    """The monthly allowance that they begin with."""
    credits = models.BigIntegerField(default=0)
    """Granted to them once, when they join."""
    project: models.ForeignKey[Project | None, Project | None] = models.ForeignKey(
        "Project", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    """The project that their first videos are filed under, unless they choose another."""
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_by: models.OneToOneField[User | None, User | None] = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="invitation"
    )
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar[InvitationQuerySet] = InvitationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="invitation_role_known", condition=Q(role__in=["admin", "member"])
            ),
            models.CheckConstraint(
                name="invitation_gives_nothing_negative",
                condition=Q(allowance__gte=0, credits__gte=0),
            ),
        ]
