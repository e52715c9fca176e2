"""Contact sheets: videos on paper, each with its poster and what people ask about it, as PDF.

The fonts are shipped, since nothing is fetched from outside and a server has few of its own.
"""

from __future__ import annotations

from jobs.sheets.content import COLUMNS, PAPERS, Cell, Sheet

__all__ = ["COLUMNS", "PAPERS", "Cell", "Sheet", "as_pdf"]


def as_pdf(sheet: Sheet, paper: str, columns: int) -> bytes:
    """The sheet on PAPERS, in so many of COLUMNS, with every letter that our fonts have."""
    # Only now: what draws it is large, and every process that knows our addresses loads this.
    from jobs.sheets import drawing  # noqa: PLC0415

    return drawing.as_pdf(sheet, paper, columns)
