"""What people are told: each fact once, by the door that makes it, until they have seen it.

A notice is a row, written in the transaction of its fact; nothing is sent from there. Open pages
hear of it by their poll (`since`).
"""

from jobs.news.seeing import NUMBER_MAX, see, see_all, settle, tidy, token, with_token
from jobs.news.telling import (
    asked,
    decided,
    lost_file,
    moved,
    ready,
    said,
    troubled,
    untroubled,
    warned,
)

__all__ = [
    "NUMBER_MAX",
    "asked",
    "decided",
    "lost_file",
    "moved",
    "ready",
    "said",
    "see",
    "see_all",
    "settle",
    "tidy",
    "token",
    "troubled",
    "untroubled",
    "warned",
    "with_token",
]
