"""Figures as people write them: taken where they can mean one thing only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms

from jobs import letters
from jobs.ledger import CREDITS_MAX

LENGTH_MAX = 24
"""Of what is looked at as a figure at all: so many digits are still counted exactly."""
MINUS = "-−"
APOSTROPHES = "'’ʼ"
ELSEWHERE = str.maketrans({"٬": ",", "٫": ".", "，": ",", "．": "."})
"""The marks of other scripts, and ours for them."""
TURNING = frozenset({"R", "AL", "RLE", "RLO", "RLI"})
"""After these, figures may be shown in another order than they are sent in."""
FIGURE = re.compile(r"\d*(?:[,.' ]\d+)*", re.ASCII)
GROUPED = re.compile(r"[1-9]\d{0,2}([,.' ])\d{3}(?:\1\d{3})*", re.ASCII)
DECIMAL = re.compile(
    r"(?P<whole>\d*|[1-9]\d{0,2}(?P<group>[,.' ])\d{3}(?:(?P=group)\d{3})*)"
    r"(?P<point>[,.])(?P<part>\d+)",
    re.ASCII,
)
LAKHS = re.compile(r"[1-9]\d?(?:,\d{2})+,\d{3}", re.ASCII)
"""As India writes 1,00,000, and anybody who mistypes 1,000,000."""


class Unclear(Exception):
    """A text that is no figure, or may be read as another one.

    `readings`: what it may have been meant as.
    """

    def __init__(self, *readings: Decimal) -> None:
        super().__init__(*readings)
        self.readings = readings


def read(text: str, *, is_whole: bool) -> Decimal:
    """The one number that these digits and marks can mean. Raises `Unclear`.

    Two ways of writing meet in one team: 1,000 and 1.000 are each a thousand to some and one to
    others. Of whole numbers the first is a thousand, as on all our pages.
    """
    plain = letters.trimmed(text)
    turns = any(unicodedata.bidirectional(each) in TURNING for each in text)
    if not plain or turns or len(plain) > LENGTH_MAX:
        raise Unclear
    amount = plain[1:] if plain[0] in MINUS else plain
    ours = "".join(map(_as_ours, amount))
    if not ours or not FIGURE.fullmatch(ours):
        raise Unclear
    sign = 1 if amount == plain else -1
    readings = [sign * each for each in _readings(ours, is_whole=is_whole)]
    is_certain = len(readings) == 1 and not LAKHS.fullmatch(ours)
    if not is_certain or not all(map(_is_common, amount)):
        raise Unclear(*readings)
    return readings[0]


def written(value: Decimal | int) -> str:
    """The number as our forms show it: `read` takes it for the same again."""
    text = f"{Decimal(value).normalize():f}"
    # 1.125 may be read as more than a thousand, 1.1250 may not.
    return f"{text}0" if GROUPED.fullmatch(text.removeprefix("-")) else text


class FigureField(forms.Field):
    """A number that somebody types, within bounds; None where it is left empty."""

    def __init__(self, *, minimum: int, maximum: int, is_whole: bool = True, **kwargs: Any) -> None:
        self.minimum, self.maximum, self.is_whole = minimum, maximum, is_whole
        pad = "numeric" if is_whole else "decimal"
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": pad}))
        super().__init__(**kwargs)

    @property
    def rule(self) -> str:
        """The rule of this field, in a sentence."""
        kind = "whole number" if self.is_whole else "number"
        return f"Enter a {kind} from {self.minimum:,} to {self.maximum:,}."

    def prepare_value(self, value: Any) -> Any:
        return written(value) if isinstance(value, int | Decimal) else value

    def to_python(self, value: Any) -> int | Decimal | None:
        text = "" if value is None else str(value)
        typed = letters.trimmed(text)
        if not typed:
            return None
        try:
            number = read(text, is_whole=self.is_whole)
        except Unclear as unclear:
            raise forms.ValidationError(self._explained(typed, unclear.readings)) from unclear
        if self.is_whole and number.as_tuple().exponent:
            shown = f"“{typed}” reads as {number:,f}: leave out the decimals. {self.rule}"
            raise forms.ValidationError(shown)
        return int(number) if self.is_whole else number

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not self.minimum <= value <= self.maximum:
            raise forms.ValidationError(self.rule)

    def _explained(self, typed: str, readings: tuple[Decimal, ...]) -> str:
        """Explain a refusal: as what it would have been read, and how to say which is meant."""
        exact = sorted((each.normalize() for each in readings), key=abs)
        clear = [written(each) for each in exact if not self.is_whole or each == int(each)]
        if not clear:
            return self.rule
        meant = " or ".join(f"{each:,f}" for each in exact)
        return f"“{typed}” could mean {meant}. Type {' or '.join(clear)}."


class CreditsField(FigureField):
    """A whole number of credits, within what one ledger entry may move."""

    def __init__(self, *, minimum: int, **kwargs: Any) -> None:
        super().__init__(minimum=minimum, maximum=CREDITS_MAX, **kwargs)


def _as_ours(letter: str) -> str:
    """A digit or mark of any script as 0 to 9, comma, point, apostrophe or space."""
    if (digit := unicodedata.decimal(letter, None)) is not None:
        return str(digit)
    if letter in APOSTROPHES:
        return "'"
    return " " if unicodedata.category(letter) == "Zs" else letter.translate(ELSEWHERE)


def _is_common(letter: str) -> bool:
    """It is written so in every script, or stands between digits without a doubt."""
    return letter.isascii() or letter in APOSTROPHES or unicodedata.category(letter) == "Zs"


def _readings(ours: str, *, is_whole: bool) -> Iterator[Decimal]:
    """Every number that it may have been meant as."""
    bare = _without_marks(ours)
    if bare == ours or GROUPED.fullmatch(ours) or LAKHS.fullmatch(ours):
        yield Decimal(bare)
    parts = DECIMAL.fullmatch(ours)
    if parts is None or parts["group"] == parts["point"]:
        return
    if not (is_whole and parts["point"] == "," and GROUPED.fullmatch(ours)):
        yield Decimal(f"{_without_marks(parts['whole'])}.{parts['part']}")


def _without_marks(ours: str) -> str:
    return re.sub(r"[,.' ]", "", ours)
