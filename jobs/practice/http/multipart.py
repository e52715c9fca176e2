"""Reading a multipart/form-data body (RFC 7578), as far as a file upload needs."""

from dataclasses import dataclass
from email.message import Message
from email.utils import collapse_rfc2231_value


class BadForm(Exception):
    """The body is no form; says why."""


@dataclass(frozen=True)
class Field:
    """One part of the form. ``kind`` is its media type, empty where it was not told."""

    content: bytes
    kind: str = ""


def form(content_type: str, body: bytes) -> dict[str, Field]:
    """The fields by name."""
    boundary = _param(content_type, "boundary")
    if not boundary:
        raise BadForm("no boundary")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1", "replace"))
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise BadForm("not closed by its boundary")
    return dict(_field(piece) for piece in pieces[1:-1])


def _field(piece: bytes) -> tuple[str, Field]:
    head, found, content = piece.partition(b"\r\n\r\n")
    if not found:
        raise BadForm("a part without a head")
    headers = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    named = _param(headers.get("content-disposition", ""), "name")
    if not named:
        raise BadForm("a part without a name")
    return named, Field(content, headers.get("content-type", ""))


def _param(header: str, name: str) -> str:
    message = Message()
    message["Content-Type"] = header
    return collapse_rfc2231_value(message.get_param(name, ""))
