"""HTTP messages and connections at the level of bytes, for the servers that tests script."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    """Without the query."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def dump(value: object) -> bytes:
    return json.dumps(value).encode()


def status_line(status: int) -> bytes:
    return f"HTTP/1.1 {status} Scripted\r\n".encode()


def lines(headers: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n"


def head(
    status: int, content: bytes, headers: Mapping[str, str], *, keep_alive: bool = False
) -> bytes:
    usual = {
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        "Connection": "keep-alive" if keep_alive else "close",
    }
    return status_line(status) + lines({**usual, **headers})


def reset(connection: socket.socket) -> None:
    """Close with RST: lingering for zero seconds means throwing away instead of saying goodbye."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def read_request(connection: socket.socket) -> Seen | None:
    """The next request of a connection, or None when the client has closed it."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            return None
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    length = int(headers.get("content-length", "0"))
    while len(body) < length and (part := connection.recv(65536)):
        body += part
    parts = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return Seen(method, parts.path, query, headers, body)
