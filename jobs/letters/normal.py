"""The forms in which texts are compared: one for what is the same, one for what is searched for.

Databases fold letters each in their own way, some of them ASCII alone; so these forms are made
here, and kept beside what was typed (`models.computed`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from jobs.letters.shown import BLANK, UNDRAWN_MARKS

TYPED_ALIKE = str.maketrans(
    {**dict.fromkeys("‘’‚‛ʼ`", "'"), **dict.fromkeys("“”„‟«»", '"')} | dict.fromkeys("‐‑‒–—―−", "-")
)
"""What phones put in the place of what was typed."""
MARKS_ARE_LESS = frozenset(("LATIN", "GREEK", "HEBREW", "ARABIC"))
"""Scripts in which people leave marks out when they search. In others a mark makes another letter:
a vowel of Hindi or Thai, a sounded kana, the Russian й."""
YO = "ё"
"""The one letter of Russian that is mostly written without its marks."""
BARE = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe"}
)
"""Letters with a stroke, or tied together, which Unicode does not take apart."""
TATWEEL = "\u0640"
"""Only makes an Arabic word longer, as a line of print may need it."""
ARABIC_ALIKE = str.maketrans("\u06cc\u0649\u06a9\u06aa", "\u064a\u064a\u0643\u0643")
"""The yeh and kaf of Persian and Arabic keyboards: the same letters to whoever reads them."""
CONTROLS = re.compile("[\0-\x08\x0e-\x1b\x7f]+")
"""Those of ASCII, but for what is a space."""
DOTTED_I = re.compile("(?<=i)\u0307+")
SEARCHED_ALIKE = str.maketrans(dict.fromkeys("「」『』〝〞〟״", '"'))
"""The quotation marks of Japanese, Chinese and Hebrew. In a text they stay as they are."""
WORD = re.compile(r'(?<!\S)#?"[^"]+"|[^\s"]+')
"""One by one, or those between two quotation marks. A mark that nothing closes says nothing, and
one within or behind a word begins nothing: it is Hebrew for an abbreviation, or means inches.
"""
WORDS_MAX = 8
"""Of an endless search the first ones are looked for."""
SEPARATOR = "\t"
"""Stands before every letter, and in no settled text."""


def settled(text: str) -> str:
    """The form in which two texts are the same one to people.

    Whatever their case, their width, the way their marks are composed, and what cannot be seen.
    """
    if text.isascii():
        # The same in fewer steps: no marks, and nothing of them is put together in two ways.
        return " ".join(CONTROLS.sub("", text).translate(TYPED_ALIKE).casefold().split())
    # Twice, since folding the case and taking letters apart make work for each other.
    for _ in range(2):
        text = "".join(filter(_counts, text)).translate(TYPED_ALIKE)
        text = unicodedata.normalize("NFKD", text).casefold()
    # Of the Turkish İ folding leaves an i and a dot, which every i has.
    text = DOTTED_I.sub("", unicodedata.normalize("NFD", text))
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded(text: str) -> str:
    """The form in which texts are searched: `settled`, without the marks that people leave out.

    And with one letter for what Arabic and Persian keyboards have two of.
    """
    text = settled(text)
    if text.isascii():
        return text
    kept: list[str] = []
    script, letter = "", " "
    for each in unicodedata.normalize("NFD", text):
        if unicodedata.category(each)[0] != "M":
            letter, script = each, ""
        else:
            script = script or unicodedata.name(letter, "").partition(" ")[0]
            composed = unicodedata.normalize("NFC", letter + each)
            is_stress = script == "CYRILLIC" and (len(composed) > 1 or composed == YO)
            if script in MARKS_ARE_LESS or is_stress:
                continue
        kept.append(each)
    return unicodedata.normalize("NFC", "".join(kept).translate(BARE).translate(ARABIC_ALIKE))


def words_of(text: str) -> Sequence[str]:
    """What is to be found of a text that was searched for, as `folded`: its words, and as one of
    them what stands between quotation marks of any kind.
    """
    marked = folded(text).translate(SEARCHED_ALIKE)
    words = (" ".join(each.replace('"', "").split()) for each in WORD.findall(marked))
    return list(filter(None, words))[:WORDS_MAX]


def has_words(text: str, words: Iterable[str]) -> bool:
    """A text, `folded`, has all of these words."""
    return all(word in text for word in words)


def name_key(name: str) -> str:
    """By which names are sorted and, since no two may be the same, told apart.

    First as they are searched for, so that Ärger stands beside arger; then as they are.
    """
    return folded(name) + SEPARATOR + settled(name)


def _counts(letter: str) -> bool:
    """It is not one of those that show nothing, or only choose how another is drawn."""
    is_control = unicodedata.category(letter) in {"Cc", "Cf", "Cs"} and not letter.isspace()
    return not (is_control or letter == TATWEEL or letter in BLANK or letter in UNDRAWN_MARKS)
