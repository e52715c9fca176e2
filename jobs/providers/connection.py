"""Connections that tell a Deadline when they stand, which is before a request's first byte."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError
from urllib3.util.ssl_ import create_urllib3_context

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


class Watched(HTTPAdapter):
    """A transport whose connections report to a Deadline, and that knows already whom to trust."""

    deadline: Deadline

    def get_connection_with_tls_context(
        self,
        *args: Any,
        **options: Any,
    ) -> HTTPConnectionPool:
        """requests' hook for the pool of an exchange: its connections report to our deadline."""
        pool = cast("HTTPConnectionPool", super().get_connection_with_tls_context(*args, **options))
        pool.ConnectionCls = WatchedHTTPS if pool.scheme == "https" else WatchedHTTP
        pool.conn_kw["deadline"] = self.deadline
        return pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """requests' hook for whom to trust, which it would find out for each connection anew."""
        super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
        if isinstance(conn, HTTPSConnectionPool) and conn.ca_certs:
            changed = Path(conn.ca_certs).stat().st_mtime_ns
            by_openssl = conn.assert_hostname is None
            conn.conn_kw["ssl_context"] = _trusting(conn.ca_certs, changed, by_openssl)
            # Named beside it, they would be read into it once more.
            conn.ca_certs = None


class OneShot(Watched):
    """A transport for one exchange under one deadline; without retries, as requests ships it."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self.deadline = deadline

    def __enter__(self) -> OneShot:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


@lru_cache(maxsize=4)
def _trusting(certificates: str, _changed: int, by_openssl: bool) -> ssl.SSLContext:
    """As urllib3 makes it of this file, as long as that is the same: 140 certificates take longer
    to read than the answer to a question.

    `by_openssl`: it compares the names. Where the connection goes to a number that was found for
    a name, urllib3 does that itself, and turns it off in the context that it is given: never in
    that of the others.
    """
    context = create_urllib3_context()
    context.check_hostname = by_openssl
    context.load_verify_locations(certificates)
    return context
