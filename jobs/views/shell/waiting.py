"""The counts of what waits for somebody, as every page tells them: read in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from jobs.models import BudgetRequest, ReviewNote, UnlistedHost, User, prepared
from jobs.models.prepared import Row
from jobs.views.shell.answers import TOLD, answered_since, decided_since, seen_until


@dataclass(frozen=True, slots=True)
class Waiting:
    """The number of each."""

    notes: int = 0
    """Open comments of visitors on this person's links."""
    requests: int = 0
    """Open requests for credits; of an admin."""
    hosts: int = 0
    """Hosts that results wait for; of an admin."""
    answers: int = 0
    """Requests of this person's own that were answered, and not looked at since."""
    decisions: int = 0
    """Videos of this person's own that were decided about, and this was not told yet."""


def waiting_for(user: User, request: HttpRequest) -> Waiting:
    """Of this person, whose request it is."""
    question = _for_admin if user.is_admin else _for_member
    (facts,) = prepared.rows(
        question, question, user.pk, seen_until(request), seen_until(request, TOLD)
    )
    return Waiting(*facts)


def _for_member(user_id: int, seen: datetime, told: datetime) -> QuerySet[User, Row]:
    notes = ReviewNote.objects.filter(link__owner=OuterRef("pk")).open()
    return User.objects.filter(pk=user_id).values_list(
        _number(notes),
        Value(0),
        Value(0),
        _number(answered_since(user_id, seen)),
        _number(decided_since(user_id, told)),
    )


def _for_admin(user_id: int, seen: datetime, told: datetime) -> QuerySet[User, Row]:
    notes = ReviewNote.objects.filter(link__owner=OuterRef("pk")).open()
    requests = BudgetRequest.objects.filter(state=BudgetRequest.State.OPEN)
    return User.objects.filter(pk=user_id).values_list(
        _number(notes),
        _number(requests),
        _number(UnlistedHost.objects.waited_for()),
        _number(answered_since(user_id, seen)),
        _number(decided_since(user_id, told)),
    )


def _number(rows: QuerySet[Any]) -> Coalesce:
    one = rows.order_by().annotate(all=Value(1)).values("all")
    counted = one.annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
