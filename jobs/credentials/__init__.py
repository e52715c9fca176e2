"""Keys for the providers, and the accounts that they belong to: the only writer of both."""

from jobs.credentials.accounts import NotJoined, join, separate, set_account
from jobs.credentials.keys import (
    NotUsable,
    remove,
    save_key,
    save_practice_keys,
    save_signing_key,
)
from jobs.credentials.states import (
    DAMAGED,
    NOT_HERE,
    found_unreadable,
    found_working,
    refresh_balance,
    set_state,
    wake,
    why_unreadable,
)

__all__ = [
    "DAMAGED",
    "NOT_HERE",
    "NotJoined",
    "NotUsable",
    "found_unreadable",
    "found_working",
    "join",
    "refresh_balance",
    "remove",
    "save_key",
    "save_practice_keys",
    "save_signing_key",
    "separate",
    "set_account",
    "set_state",
    "wake",
    "why_unreadable",
]
