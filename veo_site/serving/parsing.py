"""Reads requests as waitress does, and bounds what it would gather without end."""

from __future__ import annotations

from typing import Any

from waitress.parser import HTTPRequestParser
from waitress.utilities import BadRequest

CHUNK_LINE_MAX = 1024
TRAILER_MAX = 64 * 1024
HEADERS_MAX = 64 * 1024
"""Bytes. waitress searches all of it again with each piece that comes in."""


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress carries no types
    """One request on its way in. What is too long between and behind its chunks is refused."""

    body_rcv: Any = None
    completed: bool = False

    def received(self, data: bytes) -> int:
        taken: int = super().received(data)
        if self.chunked and not self.completed:
            line, trailer = self.body_rcv.control_line, self.body_rcv.trailer
            if len(line) > CHUNK_LINE_MAX or len(trailer) > TRAILER_MAX:
                self.error = BadRequest("A line or trailer of a chunked body is too long")
                self.completed = True
        return taken
