"""Reading HTML whatever its layout."""

from __future__ import annotations

import re


def flat(page: str) -> str:
    """It on one line: one space between attributes, and none around tags."""
    page = re.sub(r"\s+", " ", page)
    return re.sub(r" ?(<[^>]*?) ?> ?", r"\1>", page)
