"""Words of people within a sentence of ours, where no markup can hold them apart."""

from __future__ import annotations

import re
import unicodedata

FROM_RIGHT = frozenset(("R", "AL"))
TURNING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
"""Characters that turn all that comes after them around, also what is not of the same text."""
FIRST_STRONG, POP = "\u2068", "\u2069"
ISOLATED = re.compile(f"{FIRST_STRONG}([^{POP}]*){POP}")
"""What `isolated` has held apart in a sentence."""


def isolated(text: str) -> str:
    """It laid out by itself, in the direction of its own letters; as it is where all go one way."""
    kinds = [unicodedata.bidirectional(each) for each in text]
    if not any(kind in FROM_RIGHT or kind in TURNING for kind in kinds):
        return text
    kept = (each for each, kind in zip(text, kinds, strict=True) if kind not in TURNING)
    return f"{FIRST_STRONG}{''.join(kept)}{POP}"
