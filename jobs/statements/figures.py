"""The figures of a month, in a few grouped queries however many scopes there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)

from jobs import ledger, letters
from jobs.models import Budget, LedgerEntry, Project, Statement, Team, User
from jobs.models.jobs.status import LIVE
from jobs.models.money.budget import LedgerEntryQuerySet
from jobs.months import month_after

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


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The unfinished jobs that keep a month open, and the credits they hold."""

    jobs: int
    held: int


def this_month() -> date:
    return ledger.today().replace(day=1)


def every_month() -> list[date]:
    """From the first with anything in it to the running one."""
    months = [_first_month()]
    while months[-1] < this_month():
        months.append(month_after(months[-1]))
    return months


def open_months() -> list[date]:
    """Those that are not closed yet, up to the running one."""
    last = last_closed()
    return [month for month in every_month() if last is None or month > last]


def last_closed(before: date = date.max) -> date | None:
    """The team's statement is written for every month, whatever happened in it."""
    rows = Statement.objects.filter(owner=None, project=None, month__lt=before)
    last: date | None = rows.aggregate(last=Max("month"))["last"]
    return last


def find(scope: Scope, month: date) -> Statement | None:
    """This month's statement, closed or as it stands now (then without an id).

    None where nothing was or could be stated.
    """
    months = every_month()
    if not months[0] <= month <= months[-1]:
        return None
    last = last_closed()
    if last and month <= last:
        rows = Statement.objects.filter(owner=scope.owner, project=scope.project, month=month)
        return rows.select_related("owner", "project").first()
    return next(iter(as_of_now([month], scope)), None)


def of_month(month: date) -> list[Statement]:
    """Everybody's: the team's, the projects' and the people's, by their names."""
    last = last_closed()
    if last and month <= last:
        rows: Iterable[Statement] = Statement.objects.filter(month=month).select_related(
            "owner", "project"
        )
    else:
        rows = as_of_now([month])
    return sorted(rows, key=_place)


def of_scope(scope: Scope, known: Iterable[Statement] = ()) -> list[Statement]:
    """Every month's, the newest first. The running one is not added up again if it is `known`."""
    closed = Statement.objects.filter(owner=scope.owner, project=scope.project)
    months, whose = open_months(), (scope.owner, scope.project)
    now = [
        row
        for row in known
        if row.month == this_month() and (row.owner_id, row.project_id) == whose
    ]
    running = [*as_of_now(months[:-1] if now else months, scope), *now]
    return [*reversed(running), *closed.select_related("owner", "project").order_by("-month")]


def unfinished(months: Sequence[date], scope: Scope | None = None) -> dict[date, Unfinished]:
    """The holds of each month that no end has been written for; of everybody without a scope."""
    entries = scope.entries() if scope else LedgerEntry.objects.of_people()
    rows = (
        entries.filter(
            # The job's day is that of its hold, and there is an index on it.
            job__booked_on__gte=months[0],
            job__booked_on__lt=month_after(months[-1]),
            job__status__in=LIVE,
            kind=LedgerEntry.Kind.HOLD,
        )
        .order_by()
        .values(month=_month_of(months))
        .annotate(jobs=Count("job", distinct=True), on_hold=Sum("held"))
    )
    return {row["month"]: Unfinished(row["jobs"], row["on_hold"]) for row in rows}


def whose(statement: Statement) -> str:
    """In a word, for messages and the names of files."""
    if statement.owner:
        return statement.owner.username
    return statement.project.name if statement.project else "the team"


def is_counted(statement: Statement) -> bool:
    """There was nothing to spend from, so its balances only count what was spent."""
    moved = statement.granted or statement.adjusted or statement.expired
    return not (statement.is_capped or moved or statement.opening > 0)


def compute(
    months: Sequence[date], openings: Mapping[Scope, int], entries: LedgerEntryQuerySet
) -> dict[tuple[Scope, date], Statement]:
    """The statements of a run of months, in scopes that have anything to state."""
    rows = (
        entries.filter(booked_on__gte=months[0], booked_on__lt=month_after(months[-1]))
        .order_by()
        .values("budget__owner", "budget__project", month=_month_of(months))
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


def as_of_now(months: Sequence[date], scope: Scope | None = None) -> list[Statement]:
    """The statements of open months as they stand, by month; of everybody without a scope."""
    if not months:
        return []
    entries = scope.entries() if scope else LedgerEntry.objects.all()
    openings: dict[Scope, int] = {}
    last = last_closed(before=months[0])
    if last:
        # Nothing can be booked any more before its end.
        closed = Statement.objects.filter(month=last)
        if scope:
            closed = closed.filter(owner=scope.owner, project=scope.project)
        for owner, project, closing in closed.values_list("owner", "project", "closing"):
            openings[Scope(owner, project)] = closing
        since = entries.filter(booked_on__gte=month_after(last))
    else:
        since = entries
    for one, moved in balances_before(months[0], since).items():
        openings[one] = openings.get(one, 0) + moved
    made = compute(months, openings, entries)
    for month in months:
        if scope and (scope, month) not in made and month == this_month():
            made[scope, month] = nothing_stated(scope, month)
    return with_names(sorted(made.values(), key=lambda statement: statement.month))


def with_names(statements: list[Statement]) -> list[Statement]:
    people = User.objects.in_bulk({row.owner_id for row in statements if row.owner_id})
    projects = Project.objects.in_bulk({row.project_id for row in statements if row.project_id})
    for row in statements:
        row.owner = people.get(row.owner_id)
        row.project = projects.get(row.project_id)
    return statements


def _place(statement: Statement) -> tuple[int, str]:
    """Its place in a list: the team, then projects, then people."""
    if statement.owner:
        return 2, letters.name_key(statement.owner.label)
    return (1, statement.project.name_key) if statement.project else (0, "")


def _month_of(months: Sequence[date]) -> Case:
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


def _first_month() -> date:
    first = Statement.objects.aggregate(first=Min("month"))["first"]
    first = first or LedgerEntry.objects.aggregate(first=Min("booked_on"))["first"]
    return first.replace(day=1) if first else this_month()
