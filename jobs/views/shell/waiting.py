"""The counts of what waits for somebody, as every page tells them: read in one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from jobs.models import BudgetRequest, ReviewNote, UnlistedHost, User
from jobs.views.shell.answers import unseen


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


def waiting_for(user: User, request: HttpRequest) -> Waiting:
    """Of this person, whose request it is."""
    notes = ReviewNote.objects.filter(link__owner=OuterRef("pk")).open()
    requests = BudgetRequest.objects.filter(state=BudgetRequest.State.OPEN)
    facts = User.objects.filter(pk=user.pk).values_list(
        _number(notes),
        _number(requests) if user.is_admin else Value(0),
        _number(UnlistedHost.objects.waited_for()) if user.is_admin else Value(0),
        _number(unseen(request)),
    )
    return Waiting(*facts.get())


def _number(rows: QuerySet[Any]) -> Coalesce:
    one = rows.order_by().annotate(all=Value(1)).values("all")
    counted = one.annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
