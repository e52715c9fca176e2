"""What the files of a download are called: by a template of the team's, and never two alike.

Whatever people wrote into a title, the name is one that every disk takes: Windows and macOS call
names the same that differ in case or in how an accent is written, and Windows keeps some to itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, zip_longest

from jobs import letters
from jobs.letters import variables
from jobs.letters.variables import Broken, Text
from jobs.providers import PROVIDERS

FORBIDDEN = frozenset('/\\:*?"<>|')
"""Characters that a file system forbids in a file name, or reads as a folder."""
JOINERS = "\u200c\u200d"
"""Unseen, but Persian and Hindi words and many an emoji are others without them."""
BYTES_MAX = 200
"""File systems take 255, and a browser may number the name."""
LENGTH_MAX = 120
"""Letters: Windows counts the folders above with the name, and takes 260 in all."""
TEMPLATE_LENGTH_MAX = 200
FIELDS = {
    "project": "the project",
    "title": "the title, or the beginning of the prompt",
    "take": "“take 2”, where several were ordered at once",
    "size": "720p, 1080p or 4K",
    "date": "the day it was made, 2026-11-29",
    "person": "who made it",
    "model": "the model",
    "seed": "the seed",
    "number": "its place in the ZIP, 01",
}
"""What a template may name, and what each stands for."""
AT_FIRST = "{project} - {title} - {take} - {size}"
"""The template of a team that has said nothing."""
EXAMPLE = {
    "project": "Autumn campaign",
    "title": "Espresso machine at dawn",
    "take": "take 2",
    "size": "1080p",
    "date": "2026-11-29",
    "person": "mara",
    "model": next(iter(PROVIDERS.values())).models[0].label,
    "seed": "48213",
    "number": "01",
}
TITLE_LENGTHS = (60, 40, 24, 12)
"""A title is cut before anything else is: it is the longest, and the size comes last."""
SEPARATOR = re.compile(r"[\s\-_–—.,+~]+")
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
"""Names that Windows takes for devices, whatever comes after a point."""


def harmless(text: str) -> str:
    """The text as the beginning of a file's name: visible, on one line, and not too long."""
    words = " ".join("".join(map(_or_space, text)).split())
    return words.encode()[:BYTES_MAX].decode(errors="ignore").strip(f" .{JOINERS}")


def template(text: str) -> Text:
    """A template with its fields. Raises `variables.Broken`, which says what to write instead."""
    found = variables.parse(text)
    for variable in found.variables:
        if letters.settled(variable.name) not in FIELDS:
            raise Broken(
                f"There is no {{{letters.isolated(variable.name)}}}. Use "
                f"{', '.join(f'{{{name}}}' for name in FIELDS)}."
            )
    if not {"title", "number"} & {letters.settled(each.name) for each in found.variables}:
        raise Broken("Use {title} or {number}, so that names tell videos apart.")
    for sign in "".join(piece for piece in found.pieces if isinstance(piece, str)):
        if _or_space(sign) != sign and sign != " ":
            raise Broken(f"A file’s name can’t have “{letters.isolated(sign)}” in it.")
    return found


def name_for(pattern: Text, facts: Mapping[str, str]) -> str:
    """The name, without its ending, of a video with these facts."""
    title = harmless(facts.get("title", ""))
    for length in TITLE_LENGTHS:
        name = _filled(pattern, {**facts, "title": cut(title, length)})
        if len(name) <= LENGTH_MAX and len(name.encode()) <= BYTES_MAX:
            break
    name = harmless(cut(name, LENGTH_MAX)) or "video"
    return f"_{name}" if RESERVED.fullmatch(name.partition(".")[0].rstrip()) else name


def example_of(text: str) -> str:
    """What a good template makes of an example, with its ending."""
    return f"{name_for(template(text), EXAMPLE)}.mp4"


def lined_up(parts: Iterable[str], between: Iterable[str]) -> str:
    """Parts of a name and what stands between them; what is written from right to left comes last.

    Lists of files lay out a name from where its first letter goes, so one that began with Hebrew or
    Arabic had its ending in the middle; and a digit after such a word goes to its other side, which
    tears a 1080p apart.
    """
    ordered = sorted(parts, key=_goes_from_right)
    return "".join(chain.from_iterable(zip_longest(ordered, between, fillvalue="")))


def apart(names: Iterable[str], ending: str) -> Iterator[str]:
    """The names with their ending, in their order, numbered where two would be the same file."""
    taken = set[str]()
    for name in names:
        whole, number = f"{name}{ending}", 1
        while _as_a_disk_sees(whole) in taken:
            number += 1
            whole = f"{name} ({number}){ending}"
        taken.add(_as_a_disk_sees(whole))
        yield whole


def cut(text: str, length: int) -> str:
    """Its beginning of at most so many letters: whole words, where it has any that short."""
    if len(text) <= length:
        return text
    end = text.rfind(" ", length // 2, length + 1)
    if end < 0:
        end = length
        while end and _goes_with_the_one_before(text[end]):
            end -= 1
    return text[:end].rstrip(f" .,;:-{JOINERS}")


def _filled(pattern: Text, facts: Mapping[str, str]) -> str:
    """With these facts; the separator before what is empty goes with it."""
    parts, between = list[str](), list[str]()
    waiting = ""
    for piece in pattern.pieces:
        if isinstance(piece, int):
            variable = pattern.variables[piece]
            value = harmless(
                facts.get(letters.settled(variable.name), "") or variable.default or ""
            )
            if not value:
                continue
        elif SEPARATOR.fullmatch(piece):
            waiting = piece
            continue
        else:
            value = piece
        if parts and not waiting:
            parts[-1] += value
        else:
            between += [waiting] if parts else []
            parts.append(value)
        waiting = ""
    return lined_up(parts, between)


def _goes_from_right(text: str) -> bool:
    return any(unicodedata.bidirectional(letter) in letters.FROM_RIGHT for letter in text)


def _as_a_disk_sees(name: str) -> str:
    """The same for all names that some file system takes for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.upper()).casefold())


def _goes_with_the_one_before(letter: str) -> bool:
    # Also the colors of skin of an emoji.
    is_tone = "\U0001f3fb" <= letter <= "\U0001f3ff"
    return unicodedata.category(letter)[0] == "M" or letter in JOINERS or is_tone


def _or_space(letter: str) -> str:
    is_control = unicodedata.category(letter)[0] in "CZ" and letter not in JOINERS
    # A sign that is younger than our Unicode is of no category, and still drawn.
    is_unseen = is_control and not letters.is_shown(letter)
    return " " if is_unseen or letter in FORBIDDEN else letter
