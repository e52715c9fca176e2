"""The letters of a sheet: fonts for the scripts that are on it, and no others."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF

from jobs.letters import FROM_RIGHT

FOLDER = Path(__file__).parent / "fonts"
FIRST = "NotoSans-Regular"
"""Latin, Greek and Cyrillic letters."""
LAST = "DroidSansFallback"
"""Chinese, Japanese and Korean ones: thirty times as large as all others, so asked last."""
MISSING = "…"
"""Stands for a letter that no font of ours has."""
UNSEEN = frozenset("\u200b\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069\ufe0e\ufe0f")
"""Say how other letters are drawn."""


def write_with(pdf: FPDF, texts: Iterable[str]) -> frozenset[str]:
    """Have all of these drawn; the letters that cannot be."""
    pdf.add_font(FIRST, "", FOLDER / f"{FIRST}.ttf")
    missing = {letter for text in texts for letter in text} - _letters_of(FIRST) - UNSEEN
    others = []
    for font in _fonts():
        if missing & _letters_of(font):
            missing -= _letters_of(font)
            pdf.add_font(font, "", FOLDER / f"{font}.ttf")
            others.append(font)
    pdf.set_fallback_fonts(others)
    pdf.set_text_shaping(use_shaping_engine=True)
    return frozenset(missing)


def drawable(text: str, missing: frozenset[str]) -> str:
    """The text on one line, each run of letters that no font has as one sign."""
    drawn = list[str]()
    for letter in " ".join(text.split()):
        if letter not in missing:
            drawn.append(letter)
        elif drawn[-1:] != [MISSING]:
            drawn.append(MISSING)
    return "".join(drawn)


def is_from_right(text: str) -> bool:
    """Its first letter that has a direction is one of Arabic, Hebrew and their like."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind in FROM_RIGHT for kind in kinds if kind in (*FROM_RIGHT, "L")), False)


@cache
def _fonts() -> list[str]:
    names = {path.stem for path in FOLDER.glob("*.ttf")} - {FIRST, LAST}
    return [*sorted(names), LAST]


@cache
def _letters_of(font: str) -> frozenset[str]:
    with TTFont(FOLDER / f"{font}.ttf", lazy=True) as opened:
        return frozenset(map(chr, opened.getBestCmap()))
