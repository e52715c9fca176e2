"""Secrets that stand in addresses: made once, and kept only as their hash."""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32
"""256 bits: there is no hope in guessing, so guesses need not be counted."""


def new_token() -> str:
    """43 letters of which none needs escaping in an address."""
    return secrets.token_urlsafe(BYTES)


def hash_token(token: str) -> str:
    """The hash that is kept of it: SHA-256, as hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()
