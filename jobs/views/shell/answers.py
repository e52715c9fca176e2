"""Tell people that an admin has answered what they asked for ahead, until they have seen it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from jobs.models import BudgetRequest

TOLD_DAYS = 3
SEEN = "answers-seen"
"""In the session: when the newest answer was given that this person has seen."""
ANSWERED = (BudgetRequest.State.APPROVED, BudgetRequest.State.DECLINED)


def unseen(request: HttpRequest) -> QuerySet[BudgetRequest]:
    """The answers this person has not seen, the newest first; what waits with a video says so
    itself.
    """
    return answered_since(request.user.pk, seen_until(request)).select_related("decided_by")


def answered_since(person_id: int | None, moment: datetime) -> QuerySet[BudgetRequest]:
    """The answers of others to this person's requests ahead, the newest first."""
    answered = BudgetRequest.objects.filter(
        requester=person_id, job=None, state__in=ANSWERED, decided_at__gt=moment
    )
    return answered.exclude(decided_by=person_id).order_by("-decided_at")


def note_seen(request: HttpRequest, shown: Iterable[BudgetRequest]) -> None:
    """Remember that this person has seen these requests and their answers."""
    answers = [each.decided_at for each in shown if each.decided_at and not each.job]
    if answers and max(answers) > seen_until(request):
        request.session[SEEN] = max(answers).isoformat()


def seen_until(request: HttpRequest) -> datetime:
    """Up to when this person has seen the answers; those of long ago are no news to anybody."""
    long_ago = timezone.now() - timedelta(days=TOLD_DAYS)
    seen = request.session.get(SEEN)
    return max(datetime.fromisoformat(seen), long_ago) if seen else long_ago
