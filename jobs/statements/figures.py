"""The statements of months: as they were closed, or as they stand now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Min, Sum

from jobs import ledger, letters
from jobs.models import LedgerEntry, Project, Statement, User
from jobs.models.jobs.status import LIVE
from jobs.statements.adding_up import Scope, balances_before, compute, month_of, nothing_stated
from jobs.times.months import month_after


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
        .values(month=month_of(months))
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


def _first_month() -> date:
    first = Statement.objects.aggregate(first=Min("month"))["first"]
    first = first or LedgerEntry.objects.aggregate(first=Min("booked_on"))["first"]
    return first.replace(day=1) if first else this_month()
