"""An HTTP answer as far as it can be read at all, before anyone looks for its meaning."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from jobs.providers.reading import header, loads

MAX_BYTES = 256 * 1024
"""No answer of these APIs is longer, before or after decompression."""
MAX_RETRY_AFTER = 3600.0
"""Seconds: a provider may not silence us for longer than this."""
_SHORTEST_KEY = 12
"""Characters: nothing shorter is blotted out, or a test's key "a" would blot out every a."""
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON object of one answer."""

    status: int
    body: Mapping[str, object] | None
    """None where no JSON object could be read; `unreadable` says why."""
    unreadable: str = ""
    retry_after: float | None = None
    """Seconds the provider asked us to wait, at most MAX_RETRY_AFTER."""
    told_at: datetime | None = None
    """The provider's own clock, where it told that."""

    @property
    def good(self) -> bool:
        """A 2xx whose JSON object could be read."""
        return self.body is not None and 200 <= self.status <= 299

    @property
    def turned_down(self) -> bool:
        """A 4xx, readable or not."""
        return 400 <= self.status <= 499

    @property
    def summary(self) -> str:
        """For logs, and free of anything the provider wrote."""
        return f"HTTP {self.status}" + (f", {self.unreadable}" if self.unreadable else "")


def read_answer(status: int, headers: Mapping[str, str], raw: bytes, key: str) -> Answer:
    """Make an Answer of what came over the wire; never raises.

    `raw` holds at most MAX_BYTES + 1 bytes as they arrived. Should the answer repeat our key
    (some error texts do), the key is blotted out here, before any text of it can travel on.
    """
    wait = retry_after(header(headers, "Retry-After"))
    told_at = moment(header(headers, "Date"))
    try:
        text = _text(_inflated(raw, header(headers, "Content-Encoding")))
        body = loads(_without_key(text, key))
    except ValueError as error:
        # Our own words and json's positions: neither quotes the answer.
        return Answer(status, None, str(error)[:120], wait, told_at)
    if not isinstance(body, dict):
        return Answer(status, None, "not a JSON object", wait, told_at)
    return Answer(status, body, retry_after=wait, told_at=told_at)


def retry_after(value: str) -> float | None:
    """Seconds to wait by a Retry-After header, as a number or as an HTTP date."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), MAX_RETRY_AFTER)
    at = moment(value)
    if at is None:
        return None
    return min(max((at - datetime.now(UTC)).total_seconds(), 0.0), MAX_RETRY_AFTER)


def moment(value: str) -> datetime | None:
    """The moment of an HTTP date; None where it is none."""
    try:
        at = parsedate_to_datetime(value)
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _inflated(raw: bytes, encoding: str) -> bytes:
    """Undo gzip or deflate, never past MAX_BYTES; we ask for neither, an edge may do it yet."""
    coding = encoding.strip().lower()
    if coding in ("", "identity"):
        return _capped(raw)
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise ValueError("an encoding we did not ask for")
    inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        content = _capped(inflater.decompress(_capped(raw), MAX_BYTES + 1))
    except zlib.error:
        raise ValueError("not the encoding it claims") from None
    if not inflater.eof:
        raise ValueError("compressed and cut short")
    return content


def _capped(content: bytes) -> bytes:
    if len(content) > MAX_BYTES:
        raise ValueError(f"longer than {MAX_BYTES} bytes")
    return content


def _text(content: bytes) -> str:
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        # Raised anew: the original carries the whole content.
        raise ValueError("not UTF-8") from None


def _without_key(text: str, key: str) -> str:
    if len(key) < _SHORTEST_KEY:
        return text
    return text.replace(key, "***").replace(key.replace("/", r"\/"), "***")
