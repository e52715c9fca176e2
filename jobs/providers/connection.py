"""Connections that tell a Deadline when they stand, which is before a request's first byte."""

from __future__ import annotations

from typing import Any, cast

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
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


class OneShot(HTTPAdapter):
    """A transport for one exchange under one deadline; without retries, as requests ships it."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self._deadline = deadline

    def __enter__(self) -> OneShot:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def get_connection_with_tls_context(
        self,
        *args: Any,
        **options: Any,
    ) -> HTTPConnectionPool:
        """requests' hook for the pool of an exchange: its connections report to our deadline."""
        pool = cast("HTTPConnectionPool", super().get_connection_with_tls_context(*args, **options))
        pool.ConnectionCls = WatchedHTTPS if pool.scheme == "https" else WatchedHTTP
        pool.conn_kw["deadline"] = self._deadline
        return pool
