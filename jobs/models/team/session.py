from __future__ import annotations

from typing import Any, ClassVar, Self

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.db.models.functions import Now

from jobs.models.team.team import Team
from jobs.models.team.user import User
from jobs.times import clock


def _idle_since() -> ExpressionWrapper[Any]:
    return clock.after(-3600 * settings.SESSION_IDLE_HOURS)


class SessionQuerySet(models.QuerySet["Session"]):
    def alive(self) -> Self:
        """Those that still open something: not too old, and used of late."""
        return self.filter(expire_date__gt=Now(), seen_at__gt=_idle_since())

    def over(self) -> Self:
        return self.filter(Q(expire_date__lte=Now()) | Q(seen_at__lte=_idle_since()))

    def with_second_factor(self) -> Self:
        """Each with what the gate asks of every request; a query of its own would be one more."""
        # Recovery codes alone are none: they only stand in for one.
        factors = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
        return self.annotate(
            second_factor_of=Subquery(Team.objects.filter(pk=1).values("second_factor_of")),
            has_second_factor=Exists(factors.filter(user=OuterRef("user"))),
        )


class Session(AbstractBaseSession):
    """One browser in which somebody is signed in, or is about to be; under a hash of its id."""

    user: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="sessions"
    )
    """Nobody, until somebody has signed in there."""
    began_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    """The last time that somebody did something there; what an open page asks by itself is not."""
    address = models.CharField(max_length=45, blank=True, default="")
    """The number that they came from then."""
    browser = models.CharField(max_length=300, blank=True, default="")
    """The browser as it calls itself."""

    second_factor_of: str | None
    has_second_factor: bool

    objects: ClassVar[SessionQuerySet] = SessionQuerySet.as_manager()  # type: ignore[assignment]
