"""Records back to text, for a table that is to be changed and handed in once more."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """The cells as they are, not made safe for spreadsheets: `reading.records` gives them back."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
