from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

if TYPE_CHECKING:
    from jobs.models.team.user import User


TOLD_FOR = timedelta(days=7)
"""For so long admins are told of those that did not go out."""


class MailingQuerySet(models.QuerySet["Mailing"]):
    def due(self) -> Self:
        """Those that a worker is to be woken for. Served by the index mailing_due."""
        return self.filter(state="waiting", try_at__lte=Now())

    def abandoned(self) -> Self:
        """Those whose worker is gone. Served by the index mailing_taken."""
        return self.filter(state="taken", try_at__lte=Now())

    def failed(self) -> Self:
        """Those that are not tried again. Served by the index mailing_failed."""
        return self.filter(state="failed")

    def troubled(self) -> Self:
        """Those that did not go out, or did not yet, for a reason."""
        return self.filter(state__in=["waiting", "failed"]).exclude(problem="")


class Mailing(models.Model):
    """One e-mail to one person about some notices, which are in no other. Goes out at most once."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        TAKEN = "taken", "Being sent"
        SENT = "sent", "Sent"
        NOTHING = "nothing", "Nothing was new any more"
        FAILED = "failed", "Not sent"

    person: models.ForeignKey[User, User] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mailings"
    )
    is_digest = models.BooleanField(default=False)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField(db_default=Now())
    """While it waits, the moment at which a worker is woken for it again; while it is taken, that
    from which its worker counts as gone."""
    problem = models.CharField(max_length=200, blank=True, default="")
    """What was in the way, as the mail server said it."""
    made_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[MailingQuerySet] = MailingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="mailing_state_known",
                condition=Q(state__in=["waiting", "taken", "sent", "nothing", "failed"]),
            ),
        ]
        indexes = [
            models.Index(fields=["try_at"], condition=Q(state="waiting"), name="mailing_due"),
            models.Index(fields=["try_at"], condition=Q(state="taken"), name="mailing_taken"),
            # For the number of what there is to do: which did not go out of late?
            models.Index(fields=["made_at"], condition=Q(state="failed"), name="mailing_failed"),
            # Was this person written to just now?
            models.Index(fields=["person", "-made_at"], name="mailing_newest"),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk} to {self.person_id} ({self.state})"
