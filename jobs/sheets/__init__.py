"""Contact sheets: videos on paper, each with its poster and what people ask about it, as PDF.

The fonts are shipped, since nothing is fetched from outside and a server has few of its own.
"""

from jobs.sheets.drawing import COLUMNS, PAPERS, Cell, Sheet, as_pdf

__all__ = ["COLUMNS", "PAPERS", "Cell", "Sheet", "as_pdf"]
