"""How far anything is counted that people are shown a number of."""

from __future__ import annotations

from collections.abc import Sized

COUNTED_MAX = 1000
"""A count that comes to more than this says only that there are more."""


def number_of(found: Sized | None) -> int:
    """How many were found; of more than COUNTED_MAX, which are None, one more than that."""
    return COUNTED_MAX + 1 if found is None else len(found)


def in_words(number: int | None) -> str:
    """A number as far as it was counted: 1,000, or 1,000+; empty where nobody counted."""
    if number is None:
        return ""
    return f"{COUNTED_MAX:,}+" if number > COUNTED_MAX else f"{number:,}"
