from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from jobs.models.news.notice import Notice

if TYPE_CHECKING:
    from jobs.models.team.user import User


class NoticeWish(models.Model):
    """How one person wants to be told of one kind of fact, where that is not as for everybody."""

    class Mail(models.TextChoices):
        NOW = "now", "At once"
        DIGEST = "digest", "Daily digest"
        NEVER = "never", "Never"

    person: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_wishes"
    )
    kind = models.CharField(max_length=8, choices=Notice.Kind)
    bell = models.BooleanField(default=True)
    browser = models.BooleanField(default=True)
    sound = models.BooleanField(default=True)
    mail = models.CharField(max_length=6, choices=Mail, default=Mail.NOW)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="wish_once_of_a_kind"),
            models.CheckConstraint(
                name="wish_mail_known", condition=models.Q(mail__in=["now", "digest", "never"])
            ),
            # What no list shows, no browser shows and no sound announces.
            models.CheckConstraint(
                name="wish_speaks_of_what_it_lists",
                condition=models.Q(bell=True) | models.Q(browser=False, sound=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"
