"""The visible in a text: the characters that show, and those unseen at its ends."""

from __future__ import annotations

import unicodedata
from itertools import chain

BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc\U0001d159")
"""Letters and signs by their category of which nothing is drawn: fillers, the blank pattern, and
what dictation leaves in the place of a picture."""
UNDRAWN_MARKS = frozenset(
    map(
        chr,
        chain(
            (0x034F, 0x17B4, 0x17B5, 0x16FE4),
            range(0x180B, 0x1810),
            range(0xFE00, 0xFE10),
            range(0xE0100, 0xE01F0),
        ),
    )
)
"""Marks by their category that only choose how another character is drawn."""
SHOWN = frozenset("LNPS")
"""Letters, figures, punctuation and signs. A mark needs one of them to stand on."""
NEVER_SHOWN = (
    range(0x2060, 0x2070),
    range(0xFDD0, 0xFDF0),
    range(0xFFF0, 0xFFFC),
    range(0xE0000, 0xE1000),
)
"""Characters for which Unicode has said that nothing will ever be drawn."""


def is_shown(letter: str) -> bool:
    """People see something where this character stands alone."""
    category = unicodedata.category(letter)
    if category == "Cn":
        # It may be a sign that is younger than our table: a pink heart is one to its sender.
        number = ord(letter)
        is_noncharacter = number & 0xFFFE == 0xFFFE
        return not is_noncharacter and not any(number in never for never in NEVER_SHOWN)
    return category[0] in SHOWN and letter not in BLANK


def is_visible(text: str) -> bool:
    """There is something to be seen."""
    return any(map(is_shown, text))


def is_unseen(letter: str) -> bool:
    """It is a space, a line end, or something else that only arranges what is drawn."""
    category = unicodedata.category(letter)
    is_mark = category[0] == "M" and letter not in UNDRAWN_MARKS
    is_control = category == "Cc" and not letter.isspace()
    return not (is_mark or is_control or is_shown(letter))


def trimmed(text: str) -> str:
    """The text without spaces, line ends and invisible characters before and after it."""
    start, end = 0, len(text)
    while start < end and is_unseen(text[start]):
        start += 1
    while start < end and is_unseen(text[end - 1]):
        end -= 1
    return text[start:end]
