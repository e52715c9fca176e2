"""One connection of the web server: what is asked on it, and when it is too slow to be kept."""

from __future__ import annotations

import time

from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from veo_site.serving import parsing

IDLE_SECONDS = 60
"""Who neither sends nor takes a byte for so long is let go."""
HEAD_SECONDS = 30
"""The time in which the headers of a request must be there, however they trickle."""
BODY_BYTES_PER_SECOND = 500
"""Who sends a body more slowly than this, on the whole, is let go after IDLE_SECONDS."""


class Task(WSGITask):  # type: ignore[misc]
    """One request, and what is answered."""

    def set_close_on_finish(self) -> None:
        """Close the connection after this answer, unless it is one that has no body by its nature.

        waitress closes after whatever says no length, and these may say none: each poll that brings
        nothing would cost its tab a connection.
        """
        is_asked_for = self.request.headers.get("CONNECTION", "").lower() == "close"
        ends_with_its_headers = self.version == "1.1" and not (self.has_body or self.wrote_header)
        if is_asked_for or not ends_with_its_headers:
            super().set_close_on_finish()


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    task_class = Task
    parser_class = parsing.Parser
    begun_at = 0.0
    """When the first byte of the request that is coming in was here."""

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.begun_at = time.time()
        heard: bool = super().received(data)
        self.server.came_in += len(data)
        return heard

    def is_overdue(self, now: float) -> bool:
        """It does not move; or a request comes in so slowly that it is not meant to arrive."""
        is_at_work = self.requests and not self.total_outbufs_len
        if is_at_work:
            return False
        if now - self.last_activity > IDLE_SECONDS:
            return True
        if self.request is None:
            return False
        taken = now - self.begun_at
        if not self.request.headers_finished:
            return taken > HEAD_SECONDS
        enough = taken * BODY_BYTES_PER_SECOND
        return taken > IDLE_SECONDS and self.request.body_bytes_received < enough

    def handle_close(self) -> None:
        if self.request is not None:
            self.request.close()
        super().handle_close()
