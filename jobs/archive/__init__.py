"""Keeps files: finished videos, fetched at once, and the pictures that videos are made from.

Both are checked and written whole or not at all. A video: waiting -> fetching (lease) -> stored,
with a growing pause after each failure; `expired` when the provider has no working link any more,
`rejected` when what it sent cannot be a video of ours.
"""

from jobs.archive.discarding import discard
from jobs.archive.giving_up import give_up, store_again, take_up_outgoing
from jobs.archive.intake.public_addresses import public_url
from jobs.archive.results.hosts import wake_listed
from jobs.archive.store import store
from jobs.decoding.answers import NotAnImage

__all__ = [
    "NotAnImage",
    "discard",
    "give_up",
    "public_url",
    "store",
    "store_again",
    "take_up_outgoing",
    "wake_listed",
]
