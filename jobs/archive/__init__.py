"""Keeps finished files: fetched at once, checked, written whole or not at all.

waiting -> fetching (lease) -> stored, with a growing pause after each failure; `expired` when the
provider has no working link any more, `rejected` when what it sent cannot be a video of ours.
"""

from jobs.archive.store import store, store_again

__all__ = ["store", "store_again"]
