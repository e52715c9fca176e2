"""Tell people that an admin has answered what they asked for ahead, until they have seen it.

And once, what an admin decided about a video of theirs that waited for its budget.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from jobs.models import BudgetRequest, Job

TOLD_DAYS = 3
SEEN = "answers-seen"
"""In the session: when the newest answer was given that this person has seen."""
TOLD = "decisions-told"
"""The same of decisions about videos, which the studio tells once: from then on the card does."""
ANSWERED = (BudgetRequest.State.APPROVED, BudgetRequest.State.DECLINED)


def unseen(request: HttpRequest) -> QuerySet[BudgetRequest]:
    """The answers this person has not seen, the newest first; what waits with a video says so
    itself.
    """
    return answered_since(request.user.pk, seen_until(request)).select_related("decided_by")


def answered_since(person_id: int | None, moment: datetime) -> QuerySet[BudgetRequest]:
    """The answers of others to this person's requests ahead, the newest first."""
    return _decided(person_id, moment).filter(job=None)


def untold(request: HttpRequest) -> QuerySet[BudgetRequest]:
    """The decisions about videos of this person that waited for their budget, the newest first."""
    decided = decided_since(request.user.pk, seen_until(request, TOLD))
    return decided.select_related("decided_by").prefetch_related("jobs")


def decided_since(person_id: int | None, moment: datetime) -> QuerySet[BudgetRequest]:
    """The decisions of others about this person's parked videos, the newest first."""
    jobs = Job.objects.filter(budget_request=OuterRef("pk"))
    return _decided(person_id, moment).filter(Exists(jobs))


def note_told(request: HttpRequest, told: Iterable[BudgetRequest]) -> None:
    """Remember that this person was told of these decisions."""
    moments = [each.decided_at for each in told if each.decided_at]
    if moments:
        request.session[TOLD] = max(moments).isoformat()


def note_seen(request: HttpRequest, shown: Iterable[BudgetRequest]) -> None:
    """Remember that this person has seen these requests and their answers."""
    answers = [each.decided_at for each in shown if each.decided_at and not each.job]
    if answers and max(answers) > seen_until(request):
        request.session[SEEN] = max(answers).isoformat()


def _decided(person_id: int | None, moment: datetime) -> QuerySet[BudgetRequest]:
    decided = BudgetRequest.objects.filter(
        requester=person_id, state__in=ANSWERED, decided_at__gt=moment
    )
    return decided.exclude(decided_by=person_id).order_by("-decided_at")


def seen_until(request: HttpRequest, noted: str = SEEN) -> datetime:
    """Up to when this person has seen the answers; those of long ago are no news to anybody."""
    long_ago = timezone.now() - timedelta(days=TOLD_DAYS)
    seen = request.session.get(noted)
    return max(datetime.fromisoformat(seen), long_ago) if seen else long_ago
