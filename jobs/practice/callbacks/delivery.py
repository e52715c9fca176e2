"""Callbacks on their way: posted by a few threads, tried again until someone answers 200."""

import http.client
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from jobs.practice.background import Schedule, Workers
from jobs.practice.book.tasks import Task
from jobs.practice.options import Options

log = logging.getLogger(__name__)
RETRIES = 3
THREADS = 4


@dataclass(frozen=True)
class Notice:
    """One callback, ready to be posted."""

    task: Task
    url: str
    body: bytes
    headers: Mapping[str, str]


class Mailer:
    """Delivers notices.

    kie waits 15 s for an answer and stops after 3 retries (docs/contracts.md, kie 5).
    """

    def __init__(self, options: Options, schedule: Schedule, taken: Callable[[Task], None]) -> None:
        self._options = options
        self._schedule = schedule
        self._taken = taken
        self._workers = Workers(THREADS, "callback")
        self._count = threading.Lock()

    def send(self, notice: Notice, delay: float = 0.0, tries: int = 0) -> None:
        """Post the notice so many seconds from now, and again while it is not taken."""

        def attempt() -> None:
            if self.post(notice):
                self._taken(notice.task)
            elif tries < RETRIES:
                self.send(notice, self._options.callback_pause, tries + 1)

        self._schedule.after(delay, lambda: self._workers.do(attempt))

    def post(self, notice: Notice) -> bool:
        """Post once, here and now; true when the answer was HTTP 200."""
        with self._count:
            notice.task.callbacks += 1
        parts = urlsplit(notice.url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/json", "User-Agent": "practice", **notice.headers}
        try:
            connection = kind(
                parts.hostname or "", parts.port, timeout=self._options.callback_timeout
            )
            try:
                connection.request("POST", path, notice.body, headers)
                return connection.getresponse().status == 200
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            log.info("callback failed: %r", error)
            return False

    def stop(self) -> None:
        """Take no more notices; those under way are left to their threads."""
        self._workers.stop(0.1)
