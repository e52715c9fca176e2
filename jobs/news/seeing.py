"""What of their news people have seen: the same on every device, since a row says so."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import Notice, Session, User

NUMBER_MAX = 100
"""Beyond it nobody counts."""
KEPT = timedelta(days=90)


def see(person: User, which: Q) -> None:
    """This person has seen these of their notices."""
    Notice.objects.unseen().filter(which, person=person.pk).update(seen_at=Now())


def see_all(person: User, until: int) -> None:
    """This person has seen all up to this one: what came while they read is new still."""
    Notice.objects.unseen().filter(person=person.pk, pk__lte=until).update(seen_at=Now())


def settle(kind: Notice.Kind, **about: UUID | int | None) -> None:
    """Nobody has to do anything about this any more: it is no news to those who missed it."""
    Notice.objects.unseen().filter(kind=kind, **about).update(seen_at=Now())


def with_token(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Each with what tells its polls whether there is news: two rows of two indexes."""
    own = Notice.objects.filter(person=OuterRef("user"))
    seen = own.filter(seen_at__isnull=False)
    return sessions.annotate(
        newest_notice=Subquery(own.order_by("-pk").values("pk")[:1]),
        newest_sight=Subquery(seen.order_by("-seen_at").values("seen_at")[:1]),
        has_news=Exists(own.filter(seen_at=None)),
    )


def token(session: Session | None) -> str:
    """Changes whenever this person is told of something, or has seen something elsewhere."""
    newest = getattr(session, "newest_notice", None)
    sight = getattr(session, "newest_sight", None)
    return f"{newest or 0}.{int(sight.timestamp() * 1000) if sight else 0}"


def tidy() -> None:
    """Forget what is months old. Nightly."""
    Notice.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
