"""Closing a month, and proving afterwards that nobody has touched it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from django.db import IntegrityError, transaction

from jobs import ledger
from jobs.models import Budget, LedgerEntry, Statement
from jobs.statements.adding_up import Scope, balances_before, compute, nothing_stated
from jobs.statements.figures import as_of_now, open_months, unfinished, whose, with_names
from jobs.times.months import month_after

FIGURES = (
    "opening",
    "granted",
    "adjusted",
    "expired",
    "held",
    "spent",
    "released",
    "closing",
    "job_count",
    "last_entry",
)


def close_due() -> list[date]:
    """Close every month that can be, the oldest first; those closed by this call."""
    closed = []
    for month in open_months():
        if not close_month(month):
            break
        closed.append(month)
    return closed


def close_month(month: date) -> bool:
    """Write everybody's statement of a month that is over; true if this call did it.

    Not before the second day of the next month: what began in the last seconds of the old one is
    in the books by then. Not while a hold of it is open, nor before the month before it. After that
    nothing can be booked into it: grants and corrections count for the day they are made, and a
    hold's end, which counts for the day of the hold, has been written.
    """
    if (
        ledger.today() <= month_after(month)
        or month not in open_months()[:1]
        or unfinished([month])
    ):
        return False
    _end_periods(month)
    # No lock is held meanwhile: nothing else can be booked into the month, as said above.
    found = {_scope(statement): statement for statement in as_of_now([month])}
    # Also where nothing happened: its row is what says that the month is closed.
    found.setdefault(Scope(), nothing_stated(Scope(), month))
    digests = _digests(month, month)
    for scope, statement in found.items():
        statement.sha256 = digests[scope, month]
    try:
        with transaction.atomic():
            # The team's first: whoever closes the same month meets the others at that row.
            Statement.objects.bulk_create(sorted(found.values(), key=_is_not_the_teams))
    except IntegrityError:
        if Statement.objects.filter(month=month).exists():
            return False  # Somebody else was faster.
        raise
    return True


def verify() -> list[str]:
    """Compute every closed statement again from the ledger alone; what differs, in words."""
    closed = list(Statement.objects.select_related("owner", "project"))
    if not closed:
        return []
    months = sorted({statement.month for statement in closed})
    # In one run, whatever is missing between them.
    run = [months[0]]
    while run[-1] < months[-1]:
        run.append(month_after(run[-1]))
    everything = LedgerEntry.objects.all()
    true = compute(run, balances_before(run[0], everything), everything)
    said = {(_scope(statement), statement.month): statement for statement in closed}
    return [*_differences(true, said), *_wrong_digests(said)]


def _is_not_the_teams(statement: Statement) -> bool:
    return _scope(statement) != Scope()


def _end_periods(month: date) -> None:
    """Take what is left in budgets whose period ended within the month."""
    over = Budget.objects.filter(until__lte=month_after(month), held=0).exclude(balance=0)
    team = (
        Budget.objects.of_team().filter(period__lt=month_after(month)).order_by("-period").first()
    )
    if not (team and team.is_capped):
        # Without a cap it only counts what was spent, and goes on doing so.
        over = over.filter(is_capped=True)
    for budget in over:
        if budget.until:
            # A correction may have come after its own month was closed.
            last_day = max(budget.until - timedelta(days=1), month)
            ledger.expire(budget, last_day)


def _digests(first: date, last: date) -> dict[tuple[Scope, date], str]:
    """The SHA-256 of each scope's entries in each month from the first to the last."""
    rows = (
        LedgerEntry.objects.filter(booked_on__gte=first, booked_on__lt=month_after(last))
        # The order of an index, so that nothing needs to be sorted.
        .order_by("budget_id", "booked_on", "id")
        .values_list(
            "budget__owner",
            "budget__project",
            "booked_on",
            "id",
            "kind",
            "credits",
            "held",
            "job",
            "actor",
            "reason",
        )
    )
    hashes: defaultdict[tuple[Scope, date], hashlib._Hash] = defaultdict(hashlib.sha256)
    for owner, project, day, *entry, reason in rows.iterator(5000):
        line = f"{day} {' '.join(map(str, entry))} {reason!r}\n"
        hashes[Scope(owner, project), day.replace(day=1)].update(line.encode())
    nothing = hashlib.sha256().hexdigest()
    return defaultdict(lambda: nothing, {key: made.hexdigest() for key, made in hashes.items()})


def _differences(
    true: dict[tuple[Scope, date], Statement], said: dict[tuple[Scope, date], Statement]
) -> Iterator[str]:
    with_names(list(true.values()))
    for scope, month in sorted(true.keys() | said.keys(), key=lambda key: (key[1], str(key[0]))):
        found = true.get((scope, month)) or nothing_stated(scope, month)
        statement = said.get((scope, month))
        if statement is None:
            yield f"{month:%B %Y} was closed without a statement of {whose(found)}"
            continue
        for figure in FIGURES:
            ours, theirs = getattr(statement, figure), getattr(found, figure)
            if ours != theirs:
                yield (
                    f"the statement of {whose(statement)} for {month:%B %Y} says "
                    f"{figure.replace('_', ' ')} {ours}, the ledger says {theirs}"
                )


def _wrong_digests(said: dict[tuple[Scope, date], Statement]) -> Iterator[str]:
    months = [month for _, month in said]
    digests = _digests(min(months), max(months))
    for key, statement in said.items():
        if statement.sha256 != digests[key]:
            yield (
                f"the entries of {whose(statement)} in {statement.month:%B %Y} are not those that "
                "the month was closed with"
            )


def _scope(statement: Statement) -> Scope:
    return Scope(statement.owner_id, statement.project_id)
