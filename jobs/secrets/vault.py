"""Seals provider keys at rest, each bound to the row it belongs to.

Fernet has no associated data, so the binding is sealed in with the text: what is copied to
another person's row cannot be opened there.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

SEPARATOR = "\n"


class Unreadable(Exception):
    """A sealed text that none of our keys opens here: wrong key, damaged, or moved."""


def _fernet() -> MultiFernet:
    return _made_of(*settings.CREDENTIAL_KEYS)


@lru_cache(maxsize=8)
def _made_of(*keys: str) -> MultiFernet:
    """Made once: a callback is opened with it, and an order on its way."""
    return MultiFernet([Fernet(key) for key in keys])


def seal(text: str, context: str) -> str:
    """Encrypt `text` with the newest key so that only `unseal` with the same context reads it."""
    return _fernet().encrypt(f"{context}{SEPARATOR}{text}".encode()).decode()


def unseal(sealed: str, context: str) -> str:
    """The text sealed for `context`. Raises `Unreadable`, never returns anything doubtful."""
    try:
        opened = _fernet().decrypt(sealed.encode()).decode()
    except (InvalidToken, ValueError) as error:
        raise Unreadable from error
    owner, _, text = opened.partition(SEPARATOR)
    if owner != context:
        raise Unreadable
    return text


def reseal(sealed: str) -> str:
    """The same text under the newest key. Raises `Unreadable`."""
    try:
        return _fernet().rotate(sealed.encode()).decode()
    except (InvalidToken, ValueError) as error:
        raise Unreadable from error


def is_newest(sealed: str) -> bool:
    """It was sealed with the first of our keys."""
    try:
        Fernet(settings.CREDENTIAL_KEYS[0]).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def wrong_keys(keys: list[str]) -> list[int]:
    """The places, from 1 on, of those that are no Fernet keys. Quotes none."""
    return [place for place, key in enumerate(keys, 1) if not _is_key(key)]


def _is_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True
