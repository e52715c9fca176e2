"""Reading HTML whatever its layout."""

from __future__ import annotations

import re


def flat(page: str) -> str:
    """It on one line: one space between attributes, none around tags, and no word's direction."""
    page = re.sub(r"\s+", " ", page)
    page = re.sub(r"</?bdi ?>| dir=.auto.", "", page)
    return re.sub(r" ?(<[^>]*?) ?> ?", r"\1>", page)
