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
        try:
            self._deadline.watch(self.sock)
        except TimeoutError as error:
            self.close()
            raise ConnectTimeoutError(self, str(error)) from None


class WatchedHTTPS(WatchedHTTP, HTTPSConnection):
    """The same over TLS: it stands when the handshake is done and the certificate is good."""

    # By the order of its bases it is HTTPSConnection that connects, and WatchedHTTP that watches.


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
