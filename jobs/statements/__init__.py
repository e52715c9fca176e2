"""The books of a calendar month in one scope, from the ledger alone, and their closing.

Days are counted in TIME_ZONE, since entries are booked so. What a month says can change as long as
something in it is unfinished; after that it is closed for everybody at once, and then never.
"""

from jobs.statements.adding_up import Scope
from jobs.statements.closing import close_due, close_month, verify
from jobs.statements.entries import JobLine, Total, given, job_lines, totals
from jobs.statements.figures import (
    Unfinished,
    every_month,
    find,
    is_counted,
    of_month,
    of_scope,
    open_months,
    this_month,
    unfinished,
    whose,
)

__all__ = [
    "JobLine",
    "Scope",
    "Total",
    "Unfinished",
    "close_due",
    "close_month",
    "every_month",
    "find",
    "given",
    "is_counted",
    "job_lines",
    "of_month",
    "of_scope",
    "open_months",
    "this_month",
    "totals",
    "unfinished",
    "verify",
    "whose",
]
