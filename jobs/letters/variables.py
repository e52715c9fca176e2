"""Texts with places to fill: `{product}`, or `{lens: 35mm}` with what stands there until told.

Braces as such are written twice, `{{` and `}}`. A name may be of letters of any script; one that
comes twice is one place, filled in once, and its default need only be given once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jobs import letters

VARIABLES_MAX = 12
"""As many as a form can ask for without becoming one that nobody fills in."""
NAME_LENGTH_MAX = 40
DEFAULT_LENGTH_MAX = 300
PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
JOINERS = "\u200c\u200d"
"""Unseen, but letters of Persian and Indian scripts join otherwise without them."""
SHOWN_OF_A_MISTAKE = 24


class Broken(ValueError):
    """A text whose braces mean nothing. `user_message` says which, and what to write."""

    def __init__(self, user_message: str) -> None:
        self.user_message = user_message
        super().__init__(user_message)


@dataclass(frozen=True, slots=True)
class Variable:
    """One place that is filled in, wherever it stands."""

    name: str
    default: str | None
    """None where there is none, so that something has to be filled in."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its variables, in the order in which they first come."""

    variables: tuple[Variable, ...]
    pieces: tuple[str | int, ...]
    """What stands between them as it is, and for each place the number of its variable."""

    def filled(self, values: Sequence[str]) -> str:
        """The text with these in place of its variables, in their order, as they are.

        Braces in a value are letters like others.
        """
        return "".join(values[piece] if isinstance(piece, int) else piece for piece in self.pieces)


def parse(text: str) -> Text:
    """Find the variables of a text. Raises `Broken`."""
    found: dict[str, Variable] = {}
    pieces: list[str | int] = []
    end = 0
    for match in PIECE.finditer(text):
        pieces.append(text[end : match.start()])
        end = match.end()
        sign, inside = match[0], match[1]
        if inside is not None:
            key = _add(found, _variable(inside, sign))
            pieces.append(list(found).index(key))
        elif len(sign) == 2:
            pieces.append(sign[0])
        else:
            raise _lone(sign, text, match.start())
    pieces.append(text[end:])
    if len(found) > VARIABLES_MAX:
        raise Broken(f"That is {len(found)} variables. {VARIABLES_MAX} are the most.")
    return Text(tuple(found.values()), tuple(each for each in pieces if each != ""))


def _add(found: dict[str, Variable], variable: Variable) -> str:
    """Note it under its key, which is the same for all that people take for the same name."""
    key = letters.settled(variable.name)
    known = found.setdefault(key, variable)
    if known.default is None and variable.default is not None:
        found[key] = replace(known, default=variable.default)
    elif variable.default not in (None, known.default):
        raise Broken(
            f"{_shown(variable.name)} has two defaults, {_shown(str(known.default))} and "
            f"{_shown(str(variable.default))}. Keep one."
        )
    return key


def _variable(inside: str, whole: str) -> Variable:
    before, colon, after = inside.partition(":")
    name = unicodedata.normalize("NFC", before.strip())
    if not name:
        raise Broken(f"{_shown(whole)} has no name. Write one, such as {{product}}.")
    has_letter = any(unicodedata.category(sign)[0] in "LN" for sign in name)
    if not has_letter or not all(map(_may_stand_in_name, name)):
        raise Broken(
            f"{_shown(name)} can’t be a variable’s name. Use letters, digits, spaces, - and _."
        )
    if len(name) > NAME_LENGTH_MAX:
        raise Broken(
            f"The name {_shown(name)} is too long: {NAME_LENGTH_MAX} characters are the most."
        )
    default = after.strip() if colon else None
    if default is not None and len(default) > DEFAULT_LENGTH_MAX:
        raise Broken(
            f"The default of {_shown(name)} is too long: {DEFAULT_LENGTH_MAX} characters are the "
            "most."
        )
    return Variable(name, default)


def _may_stand_in_name(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN" or sign in f" -_{JOINERS}"


def _lone(sign: str, text: str, at: int) -> Broken:
    if sign == "{":
        return Broken(
            f"The brace at {_shown(text[at:])} is never closed. Write {{{{ for a brace as such."
        )
    start = max(at + 1 - SHOWN_OF_A_MISTAKE, 0)
    return Broken(
        f"The brace after {_shown(text[start : at + 1])} closes nothing. Write }}}} for a brace "
        "as such."
    )


def _shown(text: str) -> str:
    short = text if len(text) <= SHOWN_OF_A_MISTAKE else f"{text[:SHOWN_OF_A_MISTAKE]}…"
    return f"“{letters.isolated(' '.join(short.split()))}”"
