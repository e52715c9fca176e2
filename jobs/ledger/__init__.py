"""Moves credits: the only writer of budgets and entries.

Every function writes its entries first and moves the budget rows last, in one transaction and in
one order: a person's, the project's, the team's. The rows' locks are then held shortest, nobody
waits for each other, and the conditional UPDATE is the one that decides.
"""

from jobs.ledger.fitting import Fit, fits_of
from jobs.ledger.limits import (
    CREDITS_MAX,
    KeyReused,
    OutOfRange,
    end_allowance,
    grant,
    set_allowance,
    set_project_cap,
    set_team_cap,
)
from jobs.ledger.movements import approve_once, line_up, release, reserve, reverse, settle, spent_on
from jobs.ledger.periods import expire, granted_to, open_periods, today
from jobs.ledger.proof import Mismatch, audit, check
from jobs.ledger.spreading import NotEnough
from jobs.ledger.standing import (
    CapLeft,
    Means,
    Standing,
    means_of,
    standing_of,
    standing_of_project,
    standing_of_team,
    standings_of,
    standings_of_projects,
)

__all__ = [
    "CREDITS_MAX",
    "CapLeft",
    "Fit",
    "KeyReused",
    "Means",
    "Mismatch",
    "NotEnough",
    "OutOfRange",
    "Standing",
    "approve_once",
    "audit",
    "check",
    "end_allowance",
    "expire",
    "fits_of",
    "grant",
    "granted_to",
    "line_up",
    "means_of",
    "open_periods",
    "release",
    "reserve",
    "reverse",
    "set_allowance",
    "set_project_cap",
    "set_team_cap",
    "settle",
    "spent_on",
    "standing_of",
    "standing_of_project",
    "standing_of_team",
    "standings_of",
    "standings_of_projects",
    "today",
]
