"""Requests as they arrive and answers as they leave, free of sockets."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One HTTP request. Header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """One HTTP answer.

    ``manner`` is how it is put on the wire (see jobs.practice.http.wire) and ``pace`` its seconds
    per byte where that is slow. ``chunks`` replaces the body for what is streamed.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Iterator[bytes] | None = None
    manner: str = ""
    pace: float = 0.0


class Refusal(Exception):
    """A request that is turned down with a documented code and a message for people."""

    def __init__(self, code: int, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """Retry-After (seconds), where there is one."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


def as_json(payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON answer, its type written as kie writes it."""
    body = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
    return Reply(
        status, body, {"Content-Type": "application/json;charset=UTF-8", **(headers or {})}
    )


def as_html(body: str, status: int = 200) -> Reply:
    """A page."""
    return Reply(
        status, body.encode("utf-8", "replace"), {"Content-Type": "text/html; charset=utf-8"}
    )


def as_text(body: str, status: int) -> Reply:
    """Plain text."""
    return Reply(status, body.encode(), {"Content-Type": "text/plain; charset=utf-8"})
