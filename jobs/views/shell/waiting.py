"""The counts of what waits for somebody, as every page tells them: read in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import ngettext

from jobs import news
from jobs.models import (
    BudgetRequest,
    Credential,
    Job,
    Mailing,
    Notice,
    ReviewNote,
    UnlistedHost,
    User,
    prepared,
)
from jobs.models.news.mailing import TOLD_FOR
from jobs.models.prepared import Row
from jobs.views.shell.answers import answered_since, decided_since, of_late

ALL = Count("pk")


@dataclass(frozen=True, slots=True)
class Waiting:
    """The number of each."""

    notes: int = 0
    """Open comments of visitors on this person's links."""
    requests: int = 0
    """Open requests for credits; of an admin."""
    hosts: int = 0
    """Hosts that results wait for; of an admin."""
    doubts: int = 0
    """Videos of which nobody knows whether the provider took them, and that nobody has sent again
    or marked as done; of an admin."""
    keys: int = 0
    """Keys that their provider does not take, or whose account is empty; of an admin."""
    mailings: int = 0
    """E-mails of late that did not go out, and are not tried again; of an admin."""
    outages: int = 0
    """Providers that can't be reached; of an admin."""
    answers: int = 0
    """Requests of this person's own that were answered, and not looked at since."""
    decisions: int = 0
    """Videos of this person's own that were decided about, and this was not told yet."""
    news: int = 0
    """All that this person has not seen yet; no more than `NUMBER_MAX`."""

    @property
    def todo(self) -> int:
        """All that needs an admin."""
        trouble = self.hosts + self.doubts + self.keys + self.mailings + self.outages
        return self.requests + trouble

    @property
    def in_words(self) -> str:
        """What that is."""
        parts = (
            ngettext("%d request", "%d requests", self.requests) % self.requests,
            ngettext("%d host to allow", "%d hosts to allow", self.hosts) % self.hosts,
            ngettext("%d video needs a look", "%d videos need a look", self.doubts) % self.doubts,
            ngettext("%d failing key", "%d failing keys", self.keys) % self.keys,
            ngettext("%d e-mail not sent", "%d e-mails not sent", self.mailings) % self.mailings,
            ngettext("%d provider out of reach", "%d providers out of reach", self.outages)
            % self.outages,
        )
        return ", ".join(part for part in parts if not part.startswith("0 "))


def waiting_for(user: User) -> Waiting:
    """Of this person."""
    late, practice = of_late(), settings.PRACTICE
    if user.is_admin:
        lately = timezone.now() - TOLD_FOR
        (facts,) = prepared.rows((_for_admin, practice), _for_admin, user.pk, late, lately)
    else:
        (facts,) = prepared.rows((_for_member, practice), _for_member, user.pk, late)
    return Waiting(*facts)


def _for_member(user_id: int, late: datetime) -> QuerySet[User, Row]:
    notes = ReviewNote.objects.filter(link__owner=OuterRef("pk")).open()
    return User.objects.filter(pk=user_id).values_list(
        _number(notes),
        Value(0),
        Value(0),
        Value(0),
        Value(0),
        Value(0),
        Value(0),
        *_told(User(pk=user_id, role=User.Role.MEMBER), late),
    )


def _for_admin(user_id: int, late: datetime, lately: datetime) -> QuerySet[User, Row]:
    notes = ReviewNote.objects.filter(link__owner=OuterRef("pk")).open()
    requests = BudgetRequest.objects.filter(state=BudgetRequest.State.OPEN)
    return User.objects.filter(pk=user_id).values_list(
        _number(notes),
        _number(requests),
        _number(UnlistedHost.objects.waited_for()),
        _number(Job.objects.in_doubt()),
        _number(Credential.objects.current().failing()),
        _number(Mailing.objects.failed().filter(made_at__gt=lately)),
        _number(Credential.objects.current().out_of_reach(), Count("provider", distinct=True)),
        *_told(User(pk=user_id, role=User.Role.ADMIN), late),
    )


def _told(user: User, late: datetime) -> tuple[Coalesce, ...]:
    unseen = Notice.objects.readable_by(user).listed().unseen().order_by()
    return (
        _number(answered_since(user, late)),
        _number(decided_since(user, late)),
        _number(Notice.objects.filter(pk__in=unseen.values("pk")[: news.NUMBER_MAX])),
    )


def _number(rows: QuerySet[Any], number: Count = ALL) -> Coalesce:
    one = rows.order_by().annotate(all=Value(1)).values("all")
    counted = one.annotate(number=number).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
