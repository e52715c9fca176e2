"""The practice provider as a server, for a process of its own or inside a test."""

import logging
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any

from jobs.practice.book.tasks import Task
from jobs.practice.endpoints.page import facts
from jobs.practice.http.messages import Request
from jobs.practice.http.wire import Peer
from jobs.practice.life.practice import Practice
from jobs.practice.options import Options
from jobs.practice.serving.handler import Handler

log = logging.getLogger(__name__)
REMEMBERED = 1000
KEPT_BODY = 64 * 1024
FINISH_SECONDS = 2.5
"""As long as the workers that `make run` stops have to finish what they send."""


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, _request: Any, client_address: Any) -> None:
        if isinstance(sys.exc_info()[1], OSError):
            log.info("%r from %s", sys.exc_info()[1], client_address)
        else:
            log.error("a request could not be answered: %s", traceback.format_exc())


class PracticeServer:
    """Both providers on one port. A context manager that starts and stops itself."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.practice = Practice(self.options)
        self._stopping = threading.Event()
        self._seen: deque[Request] = deque(maxlen=REMEMBERED)
        self._being_answered = 0
        self._thread: threading.Thread | None = None
        self._is_away = False
        try:
            self._http = self._listening(self.options.port)
        except OSError:
            self.practice.stop()
            raise
        self.practice.base_url = self.url
        self.practice.shut, self.practice.open = self._shut, self._open
        self.practice.resume()

    def _listening(self, port: int) -> _HttpServer:
        return _HttpServer((self.options.host, port), self._handler())

    def _handler(self) -> type[Handler]:
        attributes: dict[str, Any] = {
            "practice": self.practice,
            "witness": staticmethod(self._witness),
            "peer": staticmethod(lambda connection: Peer(connection, self._stopping)),
            "at_work": staticmethod(self._at_work),
            "timeout": self.options.idle_seconds,
        }
        return type("BoundHandler", (Handler,), attributes)

    @property
    def url(self) -> str:
        """The address it is reached at, without a slash at the end."""
        host = f"[{self.options.host}]" if ":" in self.options.host else self.options.host
        return (self.options.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._http.server_address[1])

    @property
    def requests(self) -> list[Request]:
        """The last 1,000 requests, oldest first; Authorization of unknown keys is not kept."""
        with self.practice.changed:
            return list(self._seen)

    @property
    def tasks(self) -> list[Task]:
        """Every task, oldest first."""
        return self.practice.book.all()

    @property
    def state(self) -> dict[str, Any]:
        """The facts of /practice/state.json."""
        return facts(self.practice)

    def wait_until(self, wanted: Callable[[], bool], seconds: float = 10.0) -> bool:
        """Wait until something is true of what the server saw; false when the time is over."""
        with self.practice.changed:
            return self.practice.changed.wait_for(wanted, seconds)

    def start(self) -> "PracticeServer":
        """Serve on a thread of its own."""
        self._serve()
        return self

    def _serve(self) -> None:
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.04,), name="practice-http", daemon=True
        )
        self._thread.start()

    def _shut(self) -> None:
        """Close the port, for a while: what is under way goes on."""
        if not (self._stopping.is_set() or self._is_away):
            self._is_away = True
            self._http.shutdown()
            self._http.server_close()

    def _open(self) -> None:
        if self._is_away and not self._stopping.is_set():
            self._http = self._listening(self.port)
            self._is_away = False
            self._serve()

    def finish(self) -> None:
        """Give what is being answered a moment: whoever pays for it is being stopped as well."""
        self.wait_until(lambda: not self._being_answered, FINISH_SECONDS)

    def stop(self) -> None:
        """Stop within a second and remove the films."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._thread is not None:
            self._http.shutdown()
        self._http.server_close()
        self.practice.stop()

    def __enter__(self) -> "PracticeServer":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self.practice.changed:
            self._being_answered += 1
        try:
            yield
        finally:
            with self.practice.changed:
                self._being_answered -= 1
                self.practice.changed.notify_all()

    def _witness(self, request: Request) -> None:
        bearer = request.headers.get("authorization", "")
        known = any(ring.account(bearer) for ring in self.practice.keyrings.values())
        headers = dict(request.headers)
        if bearer and not known:
            # Someone may send a real key here by mistake.
            headers["authorization"] = "(unknown)"
        with self.practice.changed:
            self._seen.append(replace(request, headers=headers, body=request.body[:KEPT_BODY]))
            self.practice.counts[f"{request.method} {request.path}"[:80]] += 1
            self.practice.changed.notify_all()
