"""Answers of admins that the studio tells at its top: to what was asked for ahead, until seen;
and once, what was decided about a video that waited for its budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from jobs.models import BudgetRequest, Job, Notice, User
from jobs.models.news.notice import NoticeQuerySet
from jobs.views.access import Request
from jobs.views.http.bell import saw

TOLD_DAYS = 3


def of_late() -> datetime:
    """The moment since when an answer is worth a place at the top."""
    return timezone.now() - timedelta(days=TOLD_DAYS)


def answered_since(person: User, moment: datetime) -> NoticeQuerySet:
    """The unseen answers to this person's requests ahead, the newest first."""
    return _decisions(person, moment).filter(~_has_jobs())


def decided_since(person: User, moment: datetime) -> NoticeQuerySet:
    """The unseen decisions about this person's parked videos, the newest first."""
    return _decisions(person, moment).filter(_has_jobs())


def answer_for(request: Request) -> BudgetRequest | None:
    """The newest answer that this person has not seen."""
    notice = answered_since(request.user, of_late()).select_related("request__decided_by").first()
    return notice.request if notice else None


def tell_decisions(request: Request, number: int) -> Sequence[Notice]:
    """The newest decisions that this person was not told of, who is told of them now."""
    rows = decided_since(request.user, of_late()).select_related("request__decided_by")
    told = list(rows.prefetch_related("request__jobs")[:number])
    saw(request, Q(pk__in=[notice.pk for notice in told]))
    return told


def _decisions(person: User, moment: datetime) -> NoticeQuerySet:
    rows = Notice.objects.filter(person=person.pk, kind=Notice.Kind.DECISION, made_at__gt=moment)
    return rows.unseen().order_by("-pk")


def _has_jobs() -> Exists:
    return Exists(Job.objects.filter(budget_request=OuterRef("request")).order_by())
