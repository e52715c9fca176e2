"""The piece of a file that a browser asks for (RFC 9110)."""

from __future__ import annotations

import re

from django.http import HttpRequest

ONE_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII)
DIGITS_MAX = 18
"""Of a number in a range: nginx refuses what is larger than its own numbers."""


class Unsatisfiable(Exception):
    """A well-formed range that lies outside the file."""


def begins(request: HttpRequest) -> bool:
    """The answer begins with the first byte, whoever gives it."""
    match = ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    return match is None or match[1].strip("0") == "" != match[1]


def span_of(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """First and last byte that are asked for; None for the whole file. Raises `Unsatisfiable`.

    A header that is not one well-formed range is ignored, as the standard allows, and so is any
    in another method than GET, as it demands.
    """
    match = ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        start, end = max(size - int(last), 0), size - 1
    else:
        start, end = int(first), int(last or size)
        if last and end < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return start, min(end, size - 1)
