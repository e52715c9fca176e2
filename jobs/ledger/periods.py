"""The budgets to spend from today; a period's is opened when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from jobs.models import Budget, LedgerEntry, Project, Team, User, prepared
from jobs.models.money.budget import BudgetQuerySet
from jobs.times.months import month_after, months_before


@dataclass(frozen=True, slots=True)
class Scopes:
    """The budgets that a job of somebody would be paid from, in the order they are taken in."""

    own: list[Budget]
    """The person's: what expires is spent first."""
    project: Budget | None
    team: Budget

    @property
    def shared(self) -> list[Budget]:
        return [self.project, self.team] if self.project else [self.team]


def today() -> date:
    """The calendar day in TIME_ZONE."""
    return timezone.localdate()


def next_reset(day: date, reset_day: int) -> date:
    """The first day after this one on which a period begins."""
    start = day.replace(day=reset_day)
    if start > day:
        return start
    return month_after(start).replace(day=reset_day)


def period_of(day: date, reset_day: int) -> tuple[date, date]:
    """The period that a day lies in: its first day, and the day after its last."""
    until = next_reset(day, reset_day)
    start = months_before(until, 1).replace(day=reset_day)
    return start, until


def granted_to(user: User) -> Budget:
    """The budget of this person's grants, beside any allowance; made empty at first."""
    found = prepared.rows("granted", _grants, user.pk)
    return found[0] if found else Budget.objects.get_or_create(owner=user, period=None)[0]


def _grants(user_id: int) -> BudgetQuerySet:
    return Budget.objects.filter(owner=user_id, period=None)


def open_for(user: User, project: Project | None, day: date) -> Scopes:
    """All budgets that bound what this person spends on that project on that day."""
    team = Team.current()
    own = [granted_to(user)]
    if allowance := allowance_of(user, team, day):
        own.insert(0, allowance)
    return Scopes(own, budget_of_project(project) if project else None, budget_of_team(team, day))


def open_periods() -> None:
    """Begin what should have begun: an allowance counts also where nobody has spent of it."""
    team, day = Team.current(), today()
    budget_of_team(team, day)
    for user in User.objects.filter(is_active=True, allowance__gt=0):
        allowance_of(user, team, day)


def allowance_of(user: User, team: Team, day: date) -> Budget | None:
    """The allowance of the period that the day lies in; None for somebody who gets none."""
    current = prepared.rows("allowance", _allowances_in_force, user.pk, day)
    if current or not user.allowance:
        return current[0] if current else None
    return _open(_allowances(user.pk), team, day, Budget(owner=user, balance=user.allowance))


def _allowances(user_id: int) -> BudgetQuerySet:
    return Budget.objects.filter(owner=user_id, period__isnull=False)


def _allowances_in_force(user_id: int, day: date) -> BudgetQuerySet:
    return _allowances(user_id).in_force(day).order_by("pk")[:1]


def expire(budget: Budget, on: date) -> bool:
    """End a period's budget, whose last day is over, by taking what is left of it.

    What was overdrawn is let go: nobody pays it out of the next period. True if this call did it;
    not while anything is held, or where the balance is not the one that was looked at.
    """
    left = budget.balance
    with transaction.atomic():
        LedgerEntry.objects.create(
            budget=budget,
            kind=LedgerEntry.Kind.RESET if left > 0 else LedgerEntry.Kind.ADJUST,
            credits=-left,
            reason="Unused allowance expired"
            if left > 0
            else "Overdrawn: cleared at the end of its period",
            booked_on=on,
        )
        rows = Budget.objects.filter(pk=budget.pk, held=0, balance=left, until__lte=today())
        if not rows.update(balance=0):
            transaction.set_rollback(True)
            return False
    return True


def budget_of_project(project: Project) -> Budget:
    return Budget.objects.get_or_create(project=project, defaults={"is_capped": False})[0]


def budget_of_team(team: Team, day: date) -> Budget:
    """The team's budget of the period that the day lies in."""
    current = prepared.rows("budget of the team", _of_team_in_force, day)
    if current:
        return current[0]
    capped, given = team.monthly_cap is not None, team.monthly_cap or 0
    return _open(Budget.objects.of_team(), team, day, Budget(is_capped=capped, balance=given))


def _of_team_in_force(day: date) -> BudgetQuerySet:
    return Budget.objects.of_team().in_force(day).order_by("pk")[:1]


def _open(earlier: BudgetQuerySet, team: Team, day: date, budget: Budget) -> Budget:
    """Begin a period; of two who do so at once the second gets the first one's."""
    start, until = period_of(day, team.reset_day)
    # After the reset day was changed, the running period first comes to its end.
    last = earlier.filter(until__gt=start, until__lte=day).order_by("-until").first()
    start = last.until if last and last.until else start
    with transaction.atomic():
        opened, is_new = Budget.objects.get_or_create(
            owner=budget.owner,
            project=None,
            period=start,
            defaults={
                "until": until,
                "is_capped": budget.is_capped,
                "balance": budget.balance,
                "given": budget.balance,
            },
        )
        if is_new and budget.balance:
            LedgerEntry.objects.create(
                budget=opened,
                kind=LedgerEntry.Kind.RESET,
                credits=budget.balance,
                reason="Allowance for the period",
                booked_on=day,
            )
    return opened
