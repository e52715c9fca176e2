"""What is wrong with an order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of an order that cannot be had, and why, in a sentence."""

    field: str
    """The part as a form calls it: a field of `Submission`, or `images`."""
    message: str
