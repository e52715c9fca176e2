"""Adds months up from the ledger, in a few grouped queries however many scopes there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, DateField, Max, Q, QuerySet, Sum, Value, When

from jobs.models import Budget, LedgerEntry, Statement, Team
from jobs.models.money.budget import LedgerEntryQuerySet
from jobs.times.months import month_after

GIVEN = Q(kind__in=[LedgerEntry.Kind.GRANT, LedgerEntry.Kind.RESET]) | Q(
    kind=LedgerEntry.Kind.ADJUST, job=None
)
"""Entries by which people and periods give and take; everything else is moved by jobs."""
SPENT = Q(kind__in=[LedgerEntry.Kind.SETTLE, LedgerEntry.Kind.REVERSAL]) | Q(
    kind=LedgerEntry.Kind.ADJUST, job__isnull=False
)
ENDED = Q(kind__in=[LedgerEntry.Kind.SETTLE, LedgerEntry.Kind.RELEASE])

_SUMS: Mapping[str, Any] = {
    "granted": Sum(
        "credits",
        filter=Q(kind=LedgerEntry.Kind.GRANT) | Q(kind=LedgerEntry.Kind.RESET, credits__gt=0),
        default=0,
    ),
    "adjusted": Sum("credits", filter=Q(kind=LedgerEntry.Kind.ADJUST, job=None), default=0),
    "expired": -Sum("credits", filter=Q(kind=LedgerEntry.Kind.RESET, credits__lt=0), default=0),
    "held": Sum("held", filter=Q(kind=LedgerEntry.Kind.HOLD), default=0),
    "spent": -Sum("credits", filter=SPENT, default=0),
    "released": Sum("credits", filter=ENDED, default=0) - Sum("held", filter=ENDED, default=0),
    "job_count": Count("job", distinct=True),
    "last_entry": Max("id", default=0),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The books of a person, of a project, or (neither) of the team, by id."""

    owner: int | None = None
    project: int | None = None

    def entries(self) -> LedgerEntryQuerySet:
        return LedgerEntry.objects.filter(budget__owner=self.owner, budget__project=self.project)


def compute(
    months: Sequence[date], openings: Mapping[Scope, int], entries: LedgerEntryQuerySet
) -> dict[tuple[Scope, date], Statement]:
    """The statements of a run of months, in scopes that have anything to state."""
    rows = (
        entries.filter(booked_on__gte=months[0], booked_on__lt=month_after(months[-1]))
        .order_by()
        .values("budget__owner", "budget__project", month=month_of(months))
        .annotate(**{f"sum_{name}": total for name, total in _SUMS.items()})
    )
    moved: dict[tuple[Scope, date], dict[str, int]] = {}
    for row in rows:
        sums: dict[str, Any] = {**row}
        scope = Scope(row["budget__owner"], row["budget__project"])
        moved[scope, row["month"]] = {name: sums[f"sum_{name}"] for name in _SUMS}
    balances = dict(openings)
    scopes = {scope for scope, _ in moved} | balances.keys()
    nothing = dict.fromkeys(_SUMS, 0)
    made: dict[tuple[Scope, date], Statement] = {}
    team, capped = Team.current(), _capped()
    for month in months:
        for scope in scopes:
            own = moved.get((scope, month), nothing)
            opening = balances.get(scope, 0)
            closing = opening + own["granted"] + own["adjusted"] - own["expired"] - own["spent"]
            balances[scope] = closing
            if own["last_entry"] or opening:
                made[scope, month] = Statement(
                    owner_id=scope.owner,
                    project_id=scope.project,
                    month=month,
                    opening=opening,
                    closing=closing,
                    is_capped=bool(scope.owner) or _is_capped(capped, scope, month),
                    credit_value=team.credit_value,
                    currency=team.currency,
                    **own,
                )
    return made


def nothing_stated(scope: Scope, month: date) -> Statement:
    """The statement of a scope in which nothing has ever moved."""
    team = Team.current()
    return Statement(
        owner_id=scope.owner,
        project_id=scope.project,
        month=month,
        opening=0,
        closing=0,
        is_capped=bool(scope.owner) or _is_capped(_capped(), scope, month),
        credit_value=team.credit_value,
        currency=team.currency,
        **dict.fromkeys(_SUMS, 0),
    )


def balances_before(day: date, entries: LedgerEntryQuerySet) -> dict[Scope, int]:
    """Each scope's balance as that day began, from the ledger alone."""
    sums = (
        entries.filter(booked_on__lt=day)
        .order_by()
        .values_list("budget__owner", "budget__project")
        .annotate(total=Sum("credits"))
    )
    return {Scope(owner, project): total for owner, project, total in sums}


def month_of(months: Sequence[date]) -> Case:
    """The month that an entry is booked in, compared as plain days: no function per row."""
    cases = [
        When(booked_on__gte=month, booked_on__lt=month_after(month), then=Value(month))
        for month in months
    ]
    return Case(*cases, output_field=DateField())


def _capped() -> QuerySet[Budget]:
    return Budget.objects.filter(owner=None).order_by("-period")


def _is_capped(budgets: QuerySet[Budget], scope: Scope, month: date) -> bool:
    """A balance bounded this project, or the team as the month ended."""
    end = month_after(month)
    for budget in budgets:
        if budget.project_id == scope.project and (budget.period is None or budget.period < end):
            return budget.is_capped
    return False
