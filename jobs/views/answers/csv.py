"""Tables as CSV files, sent row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from jobs import letters, limits
from jobs.limits import Limit
from jobs.views.answers.downloads import save_as

P = ParamSpec("P")
Q = TypeVar("Q", bound=HttpRequest)
R = TypeVar("R", bound=HttpResponseBase)
BYTE_ORDER_MARK = "\ufeff"
"""The byte order mark: by it Excel knows UTF-8, and reads accents and other scripts as they are."""
FORMULA = re.compile("[=+\\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋﬩−]")
"""Signs by which a spreadsheet takes a text for something to be computed, in any width."""
BEGINS = frozenset(";；|｜\t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
"""Behind these another cell begins, in a spreadsheet that separates by them. Not the comma: a text
that holds one stands in quotes."""
QUOTED = re.compile('[",;|\t\r\n]')
"""Put into quotes, so that a program that guesses the separator finds all columns."""
CHUNK = 32_768


def counted(view: Callable[Concatenate[Q, P], R]) -> Callable[Concatenate[Q, P], R]:
    """A view that sends a whole table, as often as one person may have that."""

    @wraps(view)
    def counting(request: Q, /, *args: P.args, **kwargs: P.kwargs) -> R:
        limits.take(Limit.EXPORTS, str(request.user.pk))
        return view(request, *args, **kwargs)

    return counting


def stream(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """A download called `name` (without an ending), in constant memory if `rows` are lazy.

    Figures, days and moments are written as such (ISO, in TIME_ZONE). Where a text begins with
    what a spreadsheet would compute, or has that where another cell may begin, an apostrophe goes
    in front of it, since people choose prompts and names.
    """
    response = StreamingHttpResponse(_chunks(header, rows), content_type="text/csv; charset=utf-8")
    save_as(response, f"{name}.csv")
    return response


def cell(value: object) -> str:
    """One value as it stands in the file, but for quotes."""
    written = _WRITTEN.get(type(value))
    return written(value) if written else _defused(str(value))


def line(row: Sequence[object]) -> str:
    """One row as it stands in the file (RFC 4180)."""
    return ",".join(_quoted(cell(value)) for value in row) + "\r\n"


def _defused(text: str) -> str:
    starts = [0] if text.startswith(("\t", "\r", "\n")) else []
    for found in FORMULA.finditer(text):
        start = found.start()
        while start and _is_passed_over(text[start - 1]):
            start -= 1
        if start == 0 or text[start - 1] in BEGINS:
            starts.append(start)
    # Joined once: a copy of the text for each would be quadratic.
    return "'".join(text[start:end] for start, end in pairwise([0, *starts, len(text)]))


def _is_passed_over(letter: str) -> bool:
    """A spreadsheet may drop it before it looks how a cell begins."""
    return letter not in BEGINS and (letter == '"' or not letters.is_shown(letter))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text


_WRITTEN: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        str: _defused,
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
    lines, length = [BYTE_ORDER_MARK, line(header)], 0
    for row in rows:
        lines.append(line(row))
        length += len(lines[-1])
        if length > CHUNK:
            yield "".join(lines)
            lines, length = [], 0
    yield "".join(lines)
