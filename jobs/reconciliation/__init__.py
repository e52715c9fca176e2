"""Our settlements beside what the providers say: each difference as a line with its evidence."""

from jobs.reconciliation.balances import Movement, Movements, movements
from jobs.reconciliation.charges import Difference, differences
from jobs.reconciliation.evidence import evidence
from jobs.reconciliation.span import Span

__all__ = [
    "Difference",
    "Movement",
    "Movements",
    "Span",
    "differences",
    "evidence",
    "movements",
]
