"""Tables as CSV files, sent row by row."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from types import MappingProxyType
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from jobs.views.downloads import save_as

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a text for something to be computed."""
CHUNK = 32_768


def stream(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """A download called `name` (without an ending), in constant memory if `rows` are lazy.

    Figures, days and moments are written as such (ISO, in TIME_ZONE). A text that a spreadsheet
    would compute gets an apostrophe in front, since people choose prompts and names.
    """
    response = StreamingHttpResponse(_chunks(header, rows), content_type="text/csv; charset=utf-8")
    save_as(response, f"{name}.csv")
    return response


def cell(value: object) -> str:
    """One value as it stands in the file."""
    written = _WRITTEN.get(type(value))
    return written(value) if written else _plain(str(value))


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


_WRITTEN: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        str: _plain,
        type(None): lambda _: "",
        bool: lambda value: "yes" if value else "no",
        int: str,
        Decimal: "{:f}".format,
        date: date.isoformat,
        datetime: lambda value: timezone.localtime(value).isoformat(timespec="seconds"),
    }
)


def _chunks(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Many rows at a time: a write to the network for each would cost more than the row."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    for row in rows:
        writer.writerow([cell(value) for value in row])
        if buffer.tell() > CHUNK:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
