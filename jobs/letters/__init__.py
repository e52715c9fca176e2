"""What texts are to people: what shows of them, which are the same, and what names may be."""

from jobs.letters.directions import FROM_RIGHT, ISOLATED, TURNING, isolated
from jobs.letters.names import as_name, is_spelled, look, mixed_scripts
from jobs.letters.normal import folded, has_words, name_key, settled, words_of
from jobs.letters.shown import BLANK, UNDRAWN_MARKS, is_shown, is_unseen, is_visible, trimmed

__all__ = [
    "BLANK",
    "FROM_RIGHT",
    "ISOLATED",
    "TURNING",
    "UNDRAWN_MARKS",
    "as_name",
    "folded",
    "has_words",
    "is_shown",
    "is_spelled",
    "is_unseen",
    "is_visible",
    "isolated",
    "look",
    "mixed_scripts",
    "name_key",
    "settled",
    "trimmed",
    "words_of",
]
