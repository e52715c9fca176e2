"""Keys for the providers, and the accounts that they belong to: the only writer of both."""

from jobs.credentials.accounts import NotJoined, join, separate, set_account
from jobs.credentials.keys import (
    DAMAGED,
    NOT_HERE,
    NotUsable,
    found_unreadable,
    found_working,
    refresh_balance,
    remove,
    save_key,
    save_practice_keys,
    save_signing_key,
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
