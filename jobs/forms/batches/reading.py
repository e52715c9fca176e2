"""Bytes to text, and text to records: the encodings, separators and quotes of spreadsheets."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from jobs.forms.batches.columns import column_of
from jobs.letters.explained import Explained

BYTES_MAX = 500_000
"""Of a table's text in UTF-8: it comes back in a form, whose fields may have twice as many."""
COLUMNS_MAX = 100
"""Every row is filled up to as many cells as there are columns, and kept so."""
SEPARATORS = ",;\t"
MARK = "\ufeff"
NAMED_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""A first line by which Excel is told the separator."""
NO_SEPARATORS = '" \r'
"""They mean something else in every table. Python from 3.13 on refuses to separate by them."""
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UTF8, WINDOWS = "UTF-8", "Windows-1252"
NOT_TEXT = (
    "This file isn’t text we can read. Save it as CSV in UTF-8 (in Excel: “CSV UTF-8”), then "
    "choose it again."
)
WORKBOOK = (
    "This is a workbook, not a CSV file. In your spreadsheet, save it as CSV (in Excel: “CSV "
    "UTF-8”), then choose that file."
)
NO_SEPARATOR = (
    "The first line names a separator that can’t be one. Name a comma, a semicolon or a tab, or "
    "delete that line."
)
TOO_LONG = f"This table is longer than {BYTES_MAX // 1000} kB. Split it."


class Unreadable(Explained):
    """Nothing can be read of it. `user_message` says why, and what to do."""


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a file, and the encoding it was read by. Raises `Unreadable`.

    What is no Unicode is taken for Windows-1252, which Excel writes where nobody asks for more.
    """
    if content.startswith(WORKBOOKS):
        raise Unreadable(WORKBOOK)
    named = next((name for mark, name in MARKS if content.startswith(mark)), "")
    guesses = [(named or "utf-8", "UTF-16" if named == "utf-16" else UTF8)]
    for encoding, label in guesses if named else [*guesses, ("cp1252", WINDOWS)]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, label
    raise Unreadable(NOT_TEXT)


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a spreadsheet."""

    number: int
    """As a spreadsheet counts, from 1."""
    cells: tuple[str, ...]


def records(text: str) -> list[Record]:
    """Every row that has anything in it, the one with the names of the columns first.

    Columns in which nothing stands, right of all others, are left out. Raises `Unreadable`.
    """
    if len(text.encode()) > BYTES_MAX:
        raise Unreadable(TOO_LONG)
    text = text.removeprefix(MARK)
    separator = ""
    if named := NAMED_SEPARATOR.match(text):
        text, separator = text[named.end() :], named[1]
        if separator in NO_SEPARATORS:
            raise Unreadable(NO_SEPARATOR)
    found, most = [], 0
    for number, cells in enumerate(_rows(text, separator or _separator(text), strict=True), 1):
        if width := _width(cells):
            found.append((number, cells))
            most = max(most, width)
        if width > COLUMNS_MAX:
            raise Unreadable(
                f"Row {number} has {width:,} cells, and a table may have {COLUMNS_MAX} columns. "
                "Delete columns that you don’t need. Put a text that holds the separator into "
                "quotation marks."
            )
    return [Record(number, tuple(cells[:most])) for number, cells in found]


def _width(cells: Sequence[str]) -> int:
    """Up to the last cell in which anything stands."""
    return max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _separator(text: str) -> str:
    """The one by which the first line names the most columns that there are."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def known(separator: str) -> tuple[int, int]:
        cells: Sequence[str] = ()
        # Where it makes cells too long to be read, another may not.
        with suppress(Unreadable):
            cells = next(_rows(first, separator, strict=False), ())
        return sum(column_of(cell) is not None for cell in cells), len(cells)

    return max(SEPARATORS, key=known)


def _rows(text: str, separator: str, *, strict: bool) -> Iterator[Sequence[str]]:
    """All reading goes through here, so whatever `csv` does not take is told and no fault."""
    # All line ends as they are: those within quotes belong to a cell.
    lines = io.StringIO(text, newline="")
    reader: Iterator[Sequence[str]] | None = None
    try:
        reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=strict)
        yield from reader
    except (csv.Error, ValueError) as error:
        line: int = getattr(reader, "line_num", 1)
        raise Unreadable(
            f"Line {line} can’t be read. A quotation mark isn’t closed, something stands between "
            "a closing one and the separator, or a cell is far too long. Write a quotation mark "
            "within a cell twice."
        ) from error
