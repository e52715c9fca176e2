"""From sockets to messages and back; nothing a client does may print a traceback."""

import http.client
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jobs.practice.http.messages import Reply, Request, as_text
from jobs.practice.http.wire import MANNERS, Bytes, Peer, stream
from jobs.practice.life.practice import Practice
from jobs.practice.serving.routes import answer

log = logging.getLogger(__name__)
LARGEST_BODY = 1 << 20
LARGEST_UPLOAD = 101 << 20
MOST_DISCARDED = 128 << 20
Witness = Callable[[Request], None]


class Handler(BaseHTTPRequestHandler):
    """One connection. The server sets the four class attributes that have no value here."""

    protocol_version = "HTTP/1.1"
    server_version = "practice"
    sys_version = ""
    disable_nagle_algorithm = True
    practice: Practice
    witness: Witness
    peer: Callable[[Any], Peer]
    at_work: Callable[[], AbstractContextManager[None]]

    def handle_one_request(self) -> None:
        """Read and answer one request; a client that goes away ends the connection quietly."""
        try:
            super().handle_one_request()
        except (OSError, ValueError) as error:
            self.close_connection = True
            self.log_error("connection lost: %r", error)

    def serve(self) -> None:
        """Answer the request whose head has been read."""
        with type(self).at_work():
            self._serve()

    def _serve(self) -> None:
        body = self._body()
        if isinstance(body, Reply):
            self.close_connection = True
            self._send(body)
            return
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        type(self).witness(request)
        self._send(answer(self.practice, request))

    def _body(self) -> bytes | Reply:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return as_text("send Content-Length\n", 411)
        written = self.headers.get("Content-Length", "0" if self.command != "POST" else "")
        if not written:
            return as_text("send Content-Length\n", 411)
        if not (written.isascii() and written.isdigit()):
            return as_text("bad Content-Length\n", 400)
        largest = LARGEST_UPLOAD if self.path.startswith("/api/file-") else LARGEST_BODY
        if len(written) > 12 or int(written) > largest:
            self._discard(int(written[:12]))
            return as_text("too large\n", 413)
        body = self.rfile.read(int(written))
        return body if len(body) == int(written) else as_text("incomplete body\n", 400)

    def _discard(self, length: int) -> None:
        """Read on for a while: an answer sent over unread bytes would be lost to a reset."""
        remaining = min(length, MOST_DISCARDED)
        while remaining > 0 and (piece := self.rfile.read1(min(remaining, LARGEST_BODY))):
            remaining -= len(piece)

    def _send(self, reply: Reply) -> None:
        head, peer = self._head(reply), type(self).peer(self.connection)
        if self.command == "HEAD":
            peer.send(head)
        elif reply.manner:
            self.close_connection = True
            MANNERS[reply.manner](peer, Bytes(head, reply.body, reply.pace))
        elif reply.chunks is not None:
            stream(peer, head, reply.chunks, reply.pace)
        else:
            peer.send(head + reply.body)

    def _head(self, reply: Reply) -> bytes:
        headers = {"Server": self.server_version, "Date": self.date_time_string(), **reply.headers}
        if reply.chunks is None:
            headers.setdefault("Content-Length", str(len(reply.body)))
        else:
            # A stream may break its promise of length, so nothing may follow it.
            self.close_connection = True
        if self.close_connection:
            headers["Connection"] = "close"
        phrase = http.client.responses.get(reply.status, "Unknown")
        lines = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{n}: {v}" for n, v in headers.items())]
        self.log_message("%s %s -> %s %s", self.command, self.path, reply.status, reply.manner)
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def log_message(self, template: str, *args: Any) -> None:
        """Left to the log, which is silent unless somebody listens."""
        log.info(template, *args)


for _method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
    setattr(Handler, f"do_{_method}", Handler.serve)
