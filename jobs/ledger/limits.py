"""Decisions of admins: credits granted, allowances, the caps of projects and of the team."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from jobs.ledger import periods
from jobs.ledger.spreading import NotEnough
from jobs.models import AuditEvent, Budget, LedgerEntry, Project, Team, User

CREDITS_MAX = 1_000_000_000
"""The most that one entry may move: far above any budget, far below what a column holds."""


class OutOfRange(ValueError):
    """An amount that no honest entry has."""


class KeyReused(ValueError):
    """This form was already sent, with other content."""


@transaction.atomic
def grant(
    user: User, credits: int, *, reason: str, actor: User | None, key: UUID | None = None
) -> LedgerEntry:
    """Give credits, or with a negative figure take unspent ones back.

    With `key`, the submission key of a form, only once however often that form arrives.

    Raises `OutOfRange` for nothing or too much, `NotEnough` where less is left to take back,
    `KeyReused` where that form was sent with other content before.
    """
    if not 0 < abs(credits) <= CREDITS_MAX:
        raise OutOfRange(credits)
    budget = periods.granted_to(user)
    # Locked first: of one form that arrives twice at once the second sees the first's entry.
    Budget.objects.filter(pk=budget.pk).update(held=F("held"))
    if key and (before := LedgerEntry.objects.filter(submission_key=key).first()):
        if (before.budget_id, before.credits, before.reason) != (budget.pk, credits, reason):
            raise KeyReused
        return before
    entry = LedgerEntry.objects.create(
        budget=budget,
        submission_key=key,
        kind=LedgerEntry.Kind.GRANT if credits > 0 else LedgerEntry.Kind.ADJUST,
        credits=credits,
        reason=reason,
        actor=actor,
        booked_on=periods.today(),
    )
    fits = Q() if credits > 0 else Q(balance__gte=F("held") - credits)
    after = F("balance") + credits
    if not Budget.objects.filter(fits, pk=budget.pk).update(balance=after, given=after):
        raise NotEnough(-credits, budget.available, budget=budget)
    _audit(
        actor,
        "credits granted" if credits > 0 else "credits taken back",
        subject=user.username,
        after=f"{credits:+,}",
        reason=reason,
    )
    return entry


@transaction.atomic
def set_allowance(user: User, credits: int, *, reason: str, actor: User | None) -> None:
    """Give a person so many credits in every period, from the running one on. 0 for none."""
    _require(credits)
    people = User.objects.filter(pk=user.pk)
    # Locked until the end: of two changes at once the second sees what the first has made.
    people.update(allowance=F("allowance"))
    person = people.get()
    before = person.allowance
    if before == credits:
        return
    # With the old figure, if at all: who opens it at this moment has read that one.
    periods.allowance_of(person, Team.current(), periods.today())
    allowances = Budget.objects.filter(owner=user, period__isnull=False)
    running = list(allowances.in_force(periods.today()))
    people.update(allowance=credits)
    if not before:
        periods.allowance_of(people.get(), Team.current(), periods.today())
    for budget in running:
        _adjust(budget, credits - before, given=credits, reason=reason, actor=actor)
    _audit(
        actor,
        "allowance changed",
        subject=user.username,
        before=f"{before:,}",
        after=f"{credits:,}",
        reason=reason,
    )


@transaction.atomic
def end_allowance(user: User, *, reason: str, actor: User | None) -> None:
    """Give no more, and take back what is left of the running period's; what is spent stays."""
    people = User.objects.filter(pk=user.pk)
    people.update(allowance=F("allowance"))
    before, taken = people.get().allowance, 0
    people.update(allowance=0)
    for budget in Budget.objects.filter(owner=user, period__isnull=False).in_force(periods.today()):
        Budget.objects.filter(pk=budget.pk).update(held=F("held"))
        budget.refresh_from_db()
        left = budget.available
        taken += left
        _adjust(budget, -left, given=budget.given - left, reason=reason, actor=actor)
    if not (before or taken):
        return
    _audit(
        actor,
        "allowance changed",
        subject=user.username,
        before=f"{before:,}",
        after="0",
        reason=reason,
    )


@transaction.atomic
def set_project_cap(
    project: Project, credits: int | None, *, reason: str, actor: User | None
) -> None:
    """Bound what may be spent on a project in all; None for no bound."""
    _require(credits)
    budget = periods.budget_of_project(project)
    projects = Project.objects.filter(pk=project.pk)
    projects.update(cap=F("cap"))
    before = projects.get().cap
    if before == credits:
        return
    projects.update(cap=credits)
    Budget.objects.filter(pk=budget.pk).update(is_capped=credits is not None)
    change = (credits or 0) - (before or 0)
    _adjust(budget, change, given=credits or 0, reason=reason, actor=actor)
    _audit(
        actor,
        "project cap changed",
        subject=project.name,
        before=_words(before),
        after=_words(credits),
        reason=reason,
    )


@transaction.atomic
def set_team_cap(credits: int | None, *, reason: str, actor: User | None) -> None:
    """Bound what the whole team may spend in a period, from the running one on."""
    _require(credits)
    Team.objects.get_or_create(pk=1)
    Team.objects.filter(pk=1).update(monthly_cap=F("monthly_cap"))
    team = Team.current()
    if team.monthly_cap == credits:
        return
    budget = periods.budget_of_team(team, periods.today())
    Team.objects.filter(pk=1).update(monthly_cap=credits)
    Budget.objects.filter(pk=budget.pk).update(is_capped=credits is not None)
    change = (credits or 0) - (team.monthly_cap or 0)
    _adjust(budget, change, given=credits or 0, reason=reason, actor=actor)
    _audit(
        actor,
        "team cap changed",
        subject="the team",
        before=_words(team.monthly_cap),
        after=_words(credits),
        reason=reason,
    )


def _adjust(budget: Budget, change: int, *, given: int, reason: str, actor: User | None) -> None:
    """A limit may be set below what is held or spent: nothing more is then reserved."""
    if change:
        LedgerEntry.objects.create(
            budget=budget,
            kind=LedgerEntry.Kind.ADJUST,
            credits=change,
            reason=reason,
            actor=actor,
            booked_on=periods.today(),
        )
    Budget.objects.filter(pk=budget.pk).update(balance=F("balance") + change, given=given)


def _require(credits: int | None) -> None:
    if credits is not None and not 0 <= credits <= CREDITS_MAX:
        raise OutOfRange(credits)


def _words(credits: int | None) -> str:
    return "no cap" if credits is None else f"{credits:,}"


def _audit(
    actor: User | None, action: str, *, subject: str, before: str = "", after: str, reason: str
) -> None:
    AuditEvent.objects.create(
        actor=actor, action=action, subject=subject, before=before, after=after, reason=reason
    )
