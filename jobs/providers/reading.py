"""Reading what a provider wrote, of which nothing is believed: plain values or nothing.

Not a function here knows a provider's field names, and none raises anything but ValueError
(`loads`), whatever it is given.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import NoReturn
from urllib.parse import urlsplit

REASON_LENGTH = 300
"""Characters of a provider's own words that we keep."""
URL_LENGTH = 2048
MAX_URLS = 8
"""Links taken from one answer; providers give one or two."""

_EXTERNAL_ID = re.compile(r"[\w.-]{1,128}", re.ASCII)
_WHOLE = re.compile(r"-?[0-9]{1,10}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)
_BETWEEN_URLS = re.compile(r",\s*(?=[\"']?https?:)")
_BIGGEST = 10**10
"""Seeds have ten digits."""
_FINEST_PLACES = -4
_FINEST = Decimal(10) ** _FINEST_PLACES

ADDRESS_SECRET = re.compile(r"(/webhooks/[\w-]+/|/images/public/)[\w~%-]+")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def loads(text: str) -> object:
    """Parse JSON strictly, with money as Decimal; ValueError for whatever cannot be read.

    NaN and Infinity are refused (no standard knows them), and so are nestings deeper than the
    interpreter's stack. Of duplicate keys the last one counts.
    """
    try:
        parsed: object = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ArithmeticError:
        raise ValueError("a number out of range") from None
    return parsed


def as_object(value: object) -> Mapping[str, object] | None:
    """An object, also when it arrives as a JSON string; None for anything else."""
    if isinstance(value, str):
        try:
            value = loads(value)
        except ValueError:
            return None
    return value if isinstance(value, dict) else None


def pick(source: Mapping[str, object], *names: str) -> object:
    """The first of these fields that is there and not null."""
    for name in names:
        value = source.get(name)
        if value is not None:
            return value
    return None


def clean(value: object, limit: int = REASON_LENGTH) -> str:
    """A provider's words on one line, without control and direction characters, cut to length.

    An address of ours that it repeats, for callbacks or of a picture, loses its secret. Escaping
    is left to whoever prints it.
    """
    if not isinstance(value, str):
        return ""
    value = ADDRESS_SECRET.sub(r"\1***", value)
    kept = (
        " " if char.isspace() else char
        for char in value[: 4 * limit]
        if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def said(reason: str) -> str:
    """A provider's reason as a sentence of ours, or nothing; begins with a blank."""
    return f" It said: “{reason}”" if reason else ""


def external_id(value: object) -> str | None:
    """A provider's name for a piece of work, if it is of a form that we accept anywhere."""
    return value if isinstance(value, str) and _EXTERNAL_ID.fullmatch(value) else None


def whole(value: object) -> int | None:
    """A whole number, also as a string of digits or as 200.0; never a boolean."""
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    # The size first: int() of Decimal("1e999999") would build a million digits, and abs() of a
    # bigger one overflows.
    return int(value) if _sane(value) and value == int(value) else None


def _sane(value: int | Decimal) -> bool:
    return -_BIGGEST <= value <= _BIGGEST


def amount(value: object) -> Decimal | None:
    """A provider's credits, to four places; None for anything but a number of sane size."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if not _sane(value):
        return None
    exact = Decimal(value)
    places = exact.as_tuple().exponent
    # A column of the database would refuse a figure with a hundred places.
    coarse = isinstance(places, int) and places >= _FINEST_PLACES
    return exact if coarse else exact.quantize(_FINEST)


def media_url(value: object) -> str | None:
    """An absolute http(s) address with a host and without credentials or odd characters.

    Only the form is judged: whether the host may be visited is decided where it is fetched.
    """
    if not isinstance(value, str):
        return None
    url = value.strip()
    if len(url) > URL_LENGTH or "\\" in url or any(_odd(char) for char in url):
        return None
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return url


def _odd(char: str) -> bool:
    return char.isspace() or unicodedata.category(char)[0] in "CZ"


def media_urls(value: object) -> tuple[str, ...]:
    """The valid links of a list, a JSON string, a bracketed bare string or a bare link."""
    found: list[str] = []
    for candidate in _candidates(value):
        url = media_url(candidate)
        if url is not None and url not in found:
            found.append(url)
        if len(found) == MAX_URLS:
            break
    return tuple(found)


def _candidates(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    if not isinstance(value, str):
        return []
    try:
        parsed = loads(value)
    except ValueError:
        bare = value.strip().removeprefix("[").removesuffix("]")
        return [part.strip(" \t\r\n\"'") for part in _BETWEEN_URLS.split(bare)]
    return parsed if isinstance(parsed, list) else [parsed]


def header(headers: Mapping[str, str], name: str) -> str:
    """A header by its name in any case; '' where it is missing."""
    for key, value in headers.items():
        if key.lower() == name.lower():
            return value
    return ""
