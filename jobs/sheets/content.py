"""What stands on a sheet, and the papers that there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PAPERS = {"a4": "A4", "letter": "US Letter"}
COLUMNS = (2, 3, 4, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One video on a sheet."""

    title: str
    lines: Sequence[str]
    """Facts, a line each, no more than fit beside each other."""
    poster: bytes = b""
    """JPEG; empty where there is none."""
    rating: int = 0
    """Dots, of five; 0 where nobody rated it."""
    verdict: str = ""
    """What the team decided, beside the dots."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is on it, in order."""

    title: str
    note: str
    """Beside the title: how many, of which day."""
    cells: Sequence[Cell]
