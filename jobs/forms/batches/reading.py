"""Bytes to text, and text to records: the encodings, separators and quotes of spreadsheets."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jobs.forms.batches.columns import column_of

BYTES_MAX = 500_000
"""Of a table's text in UTF-8: it comes back in a form, whose fields may have twice as many."""
SEPARATORS = ",;\t"
MARK = "\ufeff"
NAMED_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""A first line by which Excel is told the separator."""
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
TOO_LONG = f"This table is longer than {BYTES_MAX // 1000} kB. Split it."


class Unreadable(Exception):
    """Nothing can be read of it. `user_message` says why, and what to do."""

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


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

    @property
    def is_empty(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


def records(text: str) -> list[Record]:
    """Every row that has anything in it, the one with the names of the columns first.

    Raises `Unreadable`.
    """
    if len(text.encode()) > BYTES_MAX:
        raise Unreadable(TOO_LONG)
    text = text.removeprefix(MARK)
    separator = ""
    if named := NAMED_SEPARATOR.match(text):
        text, separator = text[named.end() :], named[1]
    reader = _reader(text, separator or _separator(text), strict=True)
    found = [Record(number, tuple(cells)) for number, cells in enumerate(_rows(reader), 1)]
    return [record for record in found if not record.is_empty]


def _rows(reader: Iterator[Sequence[str]]) -> Iterator[Sequence[str]]:
    try:
        yield from reader
    except csv.Error as error:
        line: int = getattr(reader, "line_num", 0)
        raise Unreadable(
            f"Line {line} can’t be read. A quotation mark isn’t closed, or something stands "
            "between a closing one and the separator. Write a quotation mark within a cell twice."
        ) from error


def _separator(text: str) -> str:
    """The one by which the first line names the most columns that there are."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def known(separator: str) -> tuple[int, int]:
        cells = next(_reader(first, separator, strict=False), [])
        return sum(column_of(cell) is not None for cell in cells), len(cells)

    return max(SEPARATORS, key=known)


def _reader(text: str, separator: str, *, strict: bool) -> Iterator[Sequence[str]]:
    # All line ends as they are: those within quotes belong to a cell.
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=strict)
