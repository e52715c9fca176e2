from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who signs in. Admins pay the bill: they grant credits and see everything."""

    class Role(models.TextChoices):
        ADMIN = "admin", "Admin"
        MEMBER = "member", "Member"

    role = models.CharField(max_length=8, choices=Role, default=Role.MEMBER)
    theme = models.CharField(max_length=5, blank=True, default="")
    """light, dark, or empty for the system's choice."""

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                name="user_role_known", condition=models.Q(role__in=["admin", "member"])
            )
        ]

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN

    @property
    def label(self) -> str:
        """The name people read."""
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        words = self.label.replace(".", " ").replace("_", " ").replace("-", " ").split()
        letters = words[0][:1] + words[-1][:1] if len(words) > 1 else self.label[:2]
        return letters.upper()

    @property
    def hue(self) -> int:
        """Which of the five avatar colours is theirs."""
        return (self.pk or 0) % 5 + 1
