"""What the name of a person may be, so that nobody can be taken for somebody else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from jobs.letters.normal import ARABIC_ALIKE, TATWEEL, settled
from jobs.letters.shown import trimmed

SIGNS = "@.+-_"
"""Beside letters, their marks and digits. They part the words of a name."""
JOINERS = "\u200c\u200d"
"""Unseen, but letters of Persian, Hindi and Sinhala names join otherwise without them."""
VIRAMA = 9
"""The combining class of the marks that join two letters of Indian scripts."""
APOSTROPHE = "’"
ONE_FORM = str.maketrans({"'": APOSTROPHE, "\u2010": "-"})
"""Signs of names for which keyboards have two. No page, file or shell minds this apostrophe."""
TSHEG = "\u0f0b"
"""Parts the syllables of Tibetan, as a word of it cannot be written otherwise."""
GERESH = "\u05f3\u05f4"
"""Stand after letters of Hebrew, for sounds that it has no letter for and for what is shortened."""
ALIKE = str.maketrans({"\u04cf": "l"}) | ARABIC_ALIKE
"""Beside those that Unicode lists: it has the small palochka look like an i."""
WITHOUT_SCRIPT = {"COMMON", "INHERITED"}
WRITTEN_TOGETHER = (
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "HANGUL"},
    {"LATIN", "HAN", "BOPOMOFO"},
)
"""Scripts that one word may mix, as Unicode has it for names (UTS 39, highly restrictive)."""


def as_name(text: str) -> str:
    """A name in one form, as it is kept: composed, and without what cannot be seen around it."""
    return trimmed(unicodedata.normalize("NFKC", text).translate(ONE_FORM))


def is_spelled(name: str) -> bool:
    """It is of letters, marks, digits and a few signs, and each mark stands on something."""
    before = "."
    for each, after in zip(name, [*name[1:], "."], strict=True):
        kind = unicodedata.category(each)
        if kind[0] == "M" or each == TATWEEL:
            fits = before not in SIGNS
        elif each == APOSTROPHE:
            fits = unicodedata.category(before)[0] in "LM" and unicodedata.category(after)[0] == "L"
        elif each == TSHEG:
            fits = _is_letter(before, "TIBETAN") and _is_letter(after, "TIBETAN")
        elif each in GERESH:
            fits = _is_letter(before, "HEBREW")
        elif each in JOINERS:
            fits = unicodedata.combining(before) == VIRAMA or "ARABIC" in _scripts(before)
        else:
            fits = kind[0] == "L" or kind == "Nd" or each in SIGNS
        if not fits:
            return False
        before = each
    return True


def mixed_scripts(name: str) -> list[str]:
    """The scripts of a word of the name that no word mixes; empty where there is no such word."""
    for word in re.split(f"[{re.escape(SIGNS)}]", name):
        found = _scripts(word)
        if len(found) > 1 and not any(found <= together for together in WRITTEN_TOGETHER):
            return sorted(script.capitalize() for script in found)
    return []


def look(name: str) -> str:
    """How a name looks: the same for any two that can be taken for each other."""
    # Before the case is folded as well as after it: a capital I looks like an l. A capital L looks
    # like neither, so its case stays: Lara and Iara are two people. That Lara and lara are one is
    # said by `name_key`.
    return "L".join(_drawn(settled(part)) for part in _drawn(name).split("L"))


def _drawn(text: str) -> str:
    prototypes = _prototypes()
    letters = unicodedata.normalize("NFD", text).translate(ALIKE)
    return "".join(prototypes.get(each, each) for each in letters)


def _is_letter(sign: str, script: str) -> bool:
    """It is a letter of this script, or a mark on one."""
    return unicodedata.category(sign)[0] in "LM" and script in _scripts(sign)


def _scripts(text: Iterable[str]) -> set[str]:
    # Only now: whoever signs up needs their tables, and no other process.
    from confusable_homoglyphs import categories  # noqa: PLC0415

    return {str(categories.alias(each)) for each in text} - WITHOUT_SCRIPT


@cache
def _prototypes() -> dict[str, str]:
    """For each character the one that stands for all that look like it (UTS 39)."""
    from confusable_homoglyphs.confusables import confusables_data  # noqa: PLC0415

    # The list puts marks of direction around each letter from right to left.
    alike = {
        each.strip("\u200e"): [other["c"].strip("\u200e") for other in others]
        for each, others in confusables_data.items()
    }
    # The list of the one that stands for them has all of them, the list of any other only that one.
    return {
        each: min(each, *others) if alike.get(others[0]) == [each] else others[0]
        for each, others in alike.items()
        if len(others) == 1
    }
