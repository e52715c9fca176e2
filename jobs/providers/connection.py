"""Connections that tell a Deadline when they stand, which is before a request's first byte."""

from __future__ import annotations

from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError

from jobs.providers.deadline import Deadline


class WatchedHTTP(HTTPConnection):
    """A connection that reports to a Deadline when it stands."""

    def __init__(
        self,
        *args: Any,
        deadline: Deadline,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self._deadline = deadline

    def connect(self) -> None:
        super().connect()
        _report(self, self._deadline)


class WatchedHTTPS(HTTPSConnection):
    """The same over TLS: it stands when the handshake is done and the certificate is good."""

    def __init__(
        self,
        *args: Any,
        deadline: Deadline,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self._deadline = deadline

    def connect(self) -> None:
        super().connect()
        _report(self, self._deadline)


def _report(connection: HTTPConnection, deadline: Deadline) -> None:
    try:
        deadline.watch(connection.sock)
    except TimeoutError as error:
        connection.close()
        raise ConnectTimeoutError(connection, str(error)) from None
