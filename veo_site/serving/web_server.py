"""Serves Dailies so that nobody who is slow keeps others waiting: waitress below gunicorn.

gunicorn keeps the processes, as `veo_site/gunicorn.py` says. In each, one thread moves the bytes of
all connections, and a few more run the application: a request gets one of those once it is there
whole, and gives it back once its answer is made. What somebody is slow to send or to take in lies
in a file meanwhile, and films are read from where they are.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from veo_site.serving import bodies, parsing, sent_files
from veo_site.serving.connections import IDLE_SECONDS, Channel
from veo_site.settings import FILES_AT_ONCE, INCOMING_BYTES_MAX, REQUEST_BYTES_MAX

ANSWER_MAX = 2**40
"""Bytes of an answer that wait for their reader; no thread waits instead."""
DESCRIPTORS = 3
"""What a connection can need at most: itself, a file that is sent, one that is taken in."""
OTHER_DESCRIPTORS = 100
BACKLOG = 2048
"""So many connections the kernel keeps until they are accepted."""
ACCEPTED_IN_A_TURN = 100
"""Not one: who comes with a thousand others would wait for a thousand turns."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Server(TcpWSGIServer):  # type: ignore[misc]
    """One listening socket, whose connections are told off when they are too slow or too many."""

    channel_class = Channel

    def __init__(
        self,
        application: Application,
        listener: Any,
        threads: int,
        most: int,
        bodies_most: int = INCOMING_BYTES_MAX,
        files_most: int = FILES_AT_ONCE,
    ) -> None:
        self.wsgi = application
        self.files_most = files_most
        self.connections_most = most
        self.bodies_most = bodies_most
        self.came_in = 0
        self.is_knocked_at = False
        self.connections: dict[int, Any] = {}
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        options = {
            "asyncore_use_poll": True,
            "backlog": BACKLOG,
            "channel_timeout": IDLE_SECONDS,
            "cleanup_interval": 5,
            # It is we who make room, since closed doors would keep out who comes next.
            "connection_limit": 2**31,
            "outbuf_high_watermark": ANSWER_MAX,
            # ProxyMiddleware knows whom to believe.
            "clear_untrusted_proxy_headers": False,
            "log_socket_errors": False,
            "max_request_header_size": parsing.HEADERS_MAX,
            # It refuses what is as large as this, unread.
            "max_request_body_size": REQUEST_BYTES_MAX + 1,
            "ident": None,
            "threads": threads,
        }
        super().__init__(
            self._answer,
            map=self.connections,
            _sock=listener,
            dispatcher=dispatcher,
            adj=Adjustments(**options),
            bind_socket=False,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
        )

    def _answer(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """The application's, with what it needs to have films sent."""
        environ["wsgi.file_wrapper"] = sent_files.FileInTurns
        environ["dailies.place_for_file"] = self._place_for_file
        body = self.wsgi(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        # Headers alone, which waitress leaves to the application.
        if close := getattr(body, "close", None):
            close()
        return []

    def _place_for_file(self, holders: Mapping[str, int]) -> bool:
        """Whether one more may be sent in these names; asked from the threads."""
        channels = list(self.active_channels.values())
        place = sent_files.place_for(channels, holders, self.files_most)
        if (idle := place.instead_of) is not None:
            # In the thread that moves the bytes, unless it has all been read by then.
            self.trigger.pull_trigger(lambda: sent_files.sent_by(idle) and idle.handle_close())
        return place.is_free

    def maintenance(self, now: float) -> None:
        for channel in list(self.active_channels.values()):
            if channel.is_overdue(now):
                # At once: waitress would wait for a moment in which something can be sent.
                channel.handle_close()

    def handle_accept(self) -> None:
        # After the others: a new one would be taken for whoever made room and left it a number.
        self.is_knocked_at = True

    def accept(self) -> Any:
        self.is_knocked_at = False
        if accepted := super().accept():
            self.is_knocked_at = True
            if len(self.active_channels) >= self.connections_most:
                self._make_room()
        return accepted

    def _make_room(self) -> None:
        """Let go of who has not moved for longest, of those for whom nothing is at work."""
        idle = [each for each in self.active_channels.values() if not each.requests]
        if idle:
            min(idle, key=lambda channel: channel.last_activity).handle_close()

    def turn(self, seconds: float) -> None:
        """Moves what can be moved, and waits at most so long for something to move."""
        wasyncore.poll2(seconds, self.connections)
        for _ in range(ACCEPTED_IN_A_TURN):
            if self.is_knocked_at:
                super().handle_accept()
        if self.came_in > bodies.STEP:
            self.came_in = 0
            for channel in bodies.beyond(self.active_channels.values(), self.bodies_most):
                channel.handle_close()

    def wind_down(self, seconds: float) -> None:
        """Takes nothing more in, and finishes in that time what was begun."""
        deadline = time.monotonic() + seconds
        wasyncore.dispatcher.close(self)
        while time.monotonic() < deadline:
            for channel in list(self.active_channels.values()):
                if not (channel.requests or channel.total_outbufs_len):
                    channel.handle_close()
            if not self.active_channels:
                break
            self.turn(0.1)
        for channel in list(self.active_channels.values()):
            channel.handle_close()
        self.task_dispatcher.shutdown(timeout=0.5)
        wasyncore.close_all(self.connections)


class EventWorker(Worker):  # type: ignore[misc]
    """A process of gunicorn's that serves with waitress."""

    def run(self) -> None:
        connections = open_files_for(self.cfg.worker_connections)
        (listener,) = self.sockets
        listener.setblocking(False)
        share = INCOMING_BYTES_MAX // max(self.cfg.workers, 1)
        server = Server(self.wsgi, listener.sock, self.cfg.threads, connections, share)
        # gunicorn's signals wake the loop through this pipe.
        Waking(self.PIPE[0], server.connections)
        while self.alive and self.ppid == os.getppid():
            self.notify()
            server.turn(1.0)
        server.wind_down(self.cfg.graceful_timeout - 1)


class Waking(wasyncore.file_dispatcher):  # type: ignore[misc]
    def writable(self) -> bool:
        return False

    def handle_read(self) -> None:
        with suppress(OSError):
            self.recv(4096)


def open_files_for(connections: int) -> int:
    """Raises this process's limit of open files as far as it may; how many connections fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections * DESCRIPTORS + OTHER_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        wanted = min(wanted, soft)
    return max(1, (wanted - OTHER_DESCRIPTORS) // DESCRIPTORS)
