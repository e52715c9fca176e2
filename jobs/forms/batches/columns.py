"""The columns of a table, the names that they go by, and what stands in their cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from jobs.providers import PROVIDERS


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is understood."""

    name: str
    synonyms: tuple[str, ...]
    about: str
    """For people: what stands in it, and what an empty cell means."""


COLUMNS = (
    Column("prompt", ("text", "description", "shot"), "What the video shows. The only one needed."),
    Column("model", (), "A model’s name, or the last word of it. Empty: the first one."),
    Column("provider", ("service",), "A provider’s name. Empty: the model’s, or your first key’s."),
    Column(
        "aspect ratio", ("aspect", "ratio", "format"), "Such as 16:9 or 9:16. Empty: the usual one."
    ),
    Column("resolution", ("size",), "Such as 720p or 4K. Empty: the usual one."),
    Column("duration", ("length", "seconds"), "Seconds. Empty: the usual length."),
    Column("seed", (), "A whole number. Empty: random."),
    Column("takes", ("take", "variations"), "Videos of this row, 1 to 4. Empty: 1."),
    Column("project", ("campaign",), "The name of a project. Empty: none."),
    Column("translate", ("translate prompt",), "Yes or no. Empty: yes."),
    Column("watermark", (), "Text drawn into the video. Empty: none."),
    Column("draft", (), "Yes: the cheapest model and size that can make it. Empty: no."),
)
_NAMES = MappingProxyType(
    {name: column.name for column in COLUMNS for name in (column.name, *column.synonyms)}
)
YES = frozenset(("yes", "y", "true", "1", "on", "x"))
NO = frozenset(("no", "n", "false", "0", "off"))
RATIO = re.compile(r"0?(\d{1,2})\s*[:/x×]\s*0?(\d{1,2})(?::00)?", re.ASCII)
"""Spreadsheets take 16:9 for a time of day, and write 16:09 or 09:16:00."""
LENGTH = re.compile(r"(\d+)(?:[.,]0+)?\s*(?:s|sec|seconds?)?", re.ASCII | re.IGNORECASE)
SIZE = re.compile(r"(\d+)(?:[.,]0+)?", re.ASCII)


def template() -> list[tuple[str, ...]]:
    """A table to fill in: the names of the columns, a whole row, and the least that makes one."""
    provider = next(iter(PROVIDERS.values()))
    model = provider.models[0]
    shape = (model.aspect_ratios[0], model.resolutions[0], str(model.durations[-1]))
    whole = ("A lighthouse in the rain, slow dolly in, 35 mm", model.label, provider.label, *shape)
    least = ("The same lighthouse at dawn, gulls in the distance",)
    names = tuple(column.name for column in COLUMNS)
    ends = ("", "1", "", "yes", "", "no")
    return [names, (*whole, *ends), (*least, *("",) * (len(names) - 1))]


def column_of(name: str) -> str | None:
    """The column that goes by this name in a table; None for one that is not understood."""
    return _NAMES.get(" ".join(re.split(r"[\s_\-]+", name.strip().casefold())))


def field_of(column: str) -> str:
    """The composer's field."""
    return column.replace(" ", "_")


def ratio(text: str) -> str:
    found = RATIO.fullmatch(text)
    return f"{found[1]}:{found[2]}" if found else text


def size(text: str) -> str:
    text = text.casefold()
    found = SIZE.fullmatch(text)
    return f"{found[1]}p" if found else text


def length(text: str) -> str:
    found = LENGTH.fullmatch(text)
    return found[1] if found else text


def whole(text: str) -> str:
    found = SIZE.fullmatch(text)
    return found[1] if found else text


NORMAL = MappingProxyType(
    {"aspect_ratio": ratio, "resolution": size, "duration": length, "takes": whole}
)
"""For each field that has several ways to be written, the composer's."""


def typed(values: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row by the composer's fields, as they would be typed there."""
    fields = {field_of(column): text.strip() for column, text in values.items()}
    return {
        name: NORMAL[name](text) if name in NORMAL and text else text
        for name, text in fields.items()
    }
