"""Strict checks of requests: what the real services may let pass is refused here."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from jobs.practice.http.messages import Refusal, Request

Check = Callable[[Any], str | None]
SEEDS = (10_000, 99_999)


def json_object(request: Request, code: int) -> dict[str, Any]:
    """The JSON object in the body, or Refusal with that code."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(code, f"Content-Type '{kind}' is not supported, send application/json")
    try:
        payload = json.loads(request.body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refusal(code, "The request body is not valid JSON") from None
    if not isinstance(payload, dict):
        raise Refusal(code, "The request body must be a JSON object")
    return payload


def _no_constant(name: str) -> None:
    raise ValueError(name)


def fields(payload: Mapping[str, Any], known: Mapping[str, Check], code: int) -> None:
    """Refuse unknown fields and values that fail their check, naming the field."""
    for name, value in payload.items():
        if name not in known:
            raise Refusal(code, f"Unknown field: {name}")
        problem = known[name](value)
        if problem:
            raise Refusal(code, f"{name} {problem}")


def text(value: Any) -> str | None:
    """A string that is not blank and can be encoded."""
    if not isinstance(value, str):
        return "must be a string"
    if not value.strip():
        return "must not be empty"
    return "is not valid Unicode" if _has_surrogates(value) else None


def _has_surrogates(value: str) -> bool:
    return any(0xD800 <= ord(letter) <= 0xDFFF for letter in value)


def flag(value: Any) -> str | None:
    """True or false."""
    return None if isinstance(value, bool) else "must be a boolean"


def json_object_within(value: Any) -> str | None:
    """A JSON object."""
    return None if isinstance(value, dict) else "must be an object"


def between(first: int, last: int) -> Check:
    """A whole number from the first to the last."""

    def check(value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return "must be an integer"
        return None if first <= value <= last else f"must be between {first} and {last}"

    return check


seed = between(*SEEDS)
"""What kie's Veo and veo4 take as one."""


def one_of(*allowed: str | int) -> Check:
    """One of these values, of the same type."""

    def check(value: Any) -> str | None:
        for each in allowed:
            if value == each and type(value) is type(each):
                return None
        return f"is invalid, allowed values: {', '.join(str(each) for each in allowed)}"

    return check


def web_address(value: Any) -> str | None:
    """An absolute http or https URL."""
    problem = text(value)
    if problem:
        return problem
    try:
        parts = urlsplit(value)
        # Reading the port is what raises for one that is no number.
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    return None if usable and not set(value) & set(" \r\n\t") else "must be an absolute http(s) URL"


def web_addresses(value: Any) -> str | None:
    """A list of at least one absolute URL."""
    if not isinstance(value, list):
        return "must be an array of strings"
    if not value:
        return "must not be empty"
    return next((problem for problem in map(web_address, value) if problem), None)
