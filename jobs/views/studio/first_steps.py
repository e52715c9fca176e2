"""What comes first: a list that ticks itself, until everything on it is so or nobody wants it.

An admin's is the team's: whoever has done a step, it is done. A member's is their own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from jobs.ledger import Means
from jobs.models import Budget, Credential, Invitation, Job, Team, User, prepared
from jobs.models.jobs.status import Status
from jobs.models.prepared import Row
from jobs.views.access import Request
from jobs.views.jobs.cards.kept.facts import Facts
from jobs.views.studio.grid.paging import PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and where."""

    title: str
    hint: str
    address: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """The list, as far as it has come."""

    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)


@require_POST
def dismiss(request: Request) -> HttpResponse:
    """Show the list no more: to no admin, or not to this member."""
    if request.user.is_admin:
        Team.objects.get_or_create(pk=1)
        Team.objects.filter(pk=1).update(hides_first_steps=True)
    else:
        User.objects.filter(pk=request.user.pk).update(hides_first_steps=True)
    return redirect("studio")


def first_steps(
    user: User, newest: Collection[Facts], *, has_key: bool, means: Means | None
) -> FirstSteps | None:
    """What is still to be done; None once it is all done, or was waved away.

    `newest`: the first page of videos, `has_key` and `means`: what was read of this person anyway.
    """
    if user.is_admin:
        steps = _of_team(user)
    elif user.hides_first_steps:
        steps = ()
    else:
        steps = _of_member(has_key, means, is_film_made=_has_made_one(user, newest))
    return None if all(step.is_done for step in steps) else FirstSteps(steps)


def _of_team(user: User) -> tuple[Step, ...]:
    ((is_hidden, key, budget, has_others, film, has_invited),) = prepared.rows(
        ("first steps of the team", settings.PRACTICE), _facts_of_team, user.pk
    )
    if is_hidden:
        return ()
    invited = has_others or has_invited
    return (
        Step("Add a key", "Videos are made with your provider’s key.", reverse("keys"), key),
        Step("Set a budget", "Who can spend how much.", reverse("budgets"), budget),
        Step("Invite somebody", "With credits and a project.", reverse("invitations"), invited),
        _film(film),
    )


def _of_member(has_key: bool, means: Means | None, *, is_film_made: bool) -> tuple[Step, ...]:
    has_credits = means is not None and means.own.given > 0
    steps = [
        Step("Get credits", "Ask an admin for some.", reverse("credits"), has_credits),
        _film(is_film_made),
    ]
    if not has_key:
        steps.insert(0, Step("Add a key", "The team has none to share.", reverse("keys"), False))
    return tuple(steps)


def _has_made_one(user: User, newest: Collection[Facts]) -> bool:
    own = [facts for facts in newest if facts.owner_id == user.pk]
    if any(facts.status == Status.SUCCEEDED for facts in own):
        return True
    # Where colleagues fill the page, theirs may lie further down.
    is_all = len(newest) < PAGE_SIZE
    return not is_all and bool(prepared.rows("a video of one’s own", _videos_of, user.pk))


def _videos_of(user_id: int) -> QuerySet[Job, UUID]:
    made = Job.objects.filter(owner=user_id, status=Status.SUCCEEDED).order_by()
    return made.values_list("pk", flat=True)[:1]


def _film(is_done: bool) -> Step:
    return Step("Make a video", "Describe a shot above.", f"{reverse('studio')}#composer", is_done)


def _facts_of_team(user_id: int) -> QuerySet[User, Row]:
    given = Budget.objects.filter(Q(given__gt=0), Q(owner__isnull=False) | Q(is_capped=True))
    allowed = User.objects.filter(allowance__gt=0)
    return User.objects.filter(pk=user_id).values_list(
        Exists(Team.objects.filter(hides_first_steps=True)),
        Exists(Credential.objects.current()),
        ExpressionWrapper(Exists(given) | Exists(allowed), BooleanField()),
        Exists(User.objects.exclude(pk=OuterRef("pk"))),
        Exists(Job.objects.filter(status=Status.SUCCEEDED)),
        Exists(Invitation.objects.all()),
    )
