"""Many orders from one table: kept as a draft, confirmed once, and ordered row by row.

Each row goes through `lifecycle.submit` as any other order does. It is ordered and marked as
ordered in one transaction, so whoever goes on with a batch, and whenever, orders no row twice.
"""

from jobs.batches.confirming import Line, confirm, ordered_before
from jobs.batches.drafting import DRAFTS_MAX, TooManyDrafts, change, discard, keep
from jobs.batches.ordering import go_on, stop, stop_all, wake
from jobs.batches.outlook import Outlook, outlook

__all__ = [
    "DRAFTS_MAX",
    "Line",
    "Outlook",
    "TooManyDrafts",
    "change",
    "confirm",
    "discard",
    "go_on",
    "keep",
    "ordered_before",
    "outlook",
    "stop",
    "stop_all",
    "wake",
]
