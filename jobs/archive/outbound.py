"""Reaches addresses that somebody else chose: only allowed hosts, only public addresses.

The host is resolved once, every address class that is not public is turned down, and the
connection goes to that very address, so a name cannot change its mind in between.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3 import HTTPConnectionPool

from jobs.providers.connection import WatchedHTTP, WatchedHTTPS
from jobs.providers.deadline import Deadline

URL_LENGTH_MAX = 2048
HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII)
"""A name or an address in letters that mean themselves: no %00, no zone, no label too long."""
UNICAST_V6 = ipaddress.ip_network("2000::/3")
"""All that is handed out for the public internet; what embeds an IPv4 address lies elsewhere."""


class Forbidden(Exception):
    """An address that we never fetch from."""


class ListedAdapter(HTTPAdapter):
    """For a host and port that the operator named, under a deadline over the whole exchange."""

    deadline: Deadline

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> HTTPConnectionPool:
        return _watched(super().get_connection_with_tls_context(*args, **options), self.deadline)


class PublicAdapter(IPFilterAdapter):  # type: ignore[misc]  # the library has no types
    """The library's filter, and whatever the address is, it must be a global one."""

    deadline: Deadline

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> HTTPConnectionPool:
        return _watched(super().get_connection_with_tls_context(*args, **options), self.deadline)

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        address = ipaddress.ip_address(host["host"].strip("[]"))
        if not address.is_global or (address.version == 6 and address not in UNICAST_V6):
            raise InvalidIPAddress(host["host"])
        return host, pool


def _watched(pool: Any, deadline: Deadline) -> HTTPConnectionPool:
    """The pool, with connections that the deadline cuts wherever the other side trickles."""
    pool.ConnectionCls = WatchedHTTPS if pool.scheme == "https" else WatchedHTTP
    pool.conn_kw["deadline"] = deadline
    return cast("HTTPConnectionPool", pool)


def check(url: str, allowed: Sequence[str]) -> SplitResult:
    """The parts of a URL that we may fetch. Raises `Forbidden` for everything else."""
    if len(url) > URL_LENGTH_MAX or any(c.isspace() or not c.isprintable() for c in url):
        raise Forbidden("the address is malformed")
    if "\\" in url or not url.isascii():
        raise Forbidden("the address is malformed")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Forbidden("the address is malformed") from error
    if "@" in parts.netloc or not parts.hostname or not HOST.fullmatch(parts.hostname):
        raise Forbidden("the address is malformed")
    if is_listed(parts, allowed):
        return parts
    if parts.scheme != "https" or port not in (None, 443):
        raise Forbidden("only https on its usual port is fetched")
    if not any(fnmatchcase(parts.hostname, pattern) for pattern in allowed):
        raise Forbidden(f"{parts.hostname} is not among ARCHIVE_HOSTS")
    return parts


def is_listed(parts: SplitResult, allowed: Sequence[str]) -> bool:
    """The operator named exactly this host and port, which may then be a private one."""
    if parts.scheme not in ("http", "https") or parts.port is None:
        return False
    return f"{parts.hostname}:{parts.port}" in allowed


def session(parts: SplitResult, allowed: Sequence[str], deadline: Deadline) -> requests.Session:
    """A session for this one URL: pinned to a public address, or to the listed host."""
    made = requests.Session()
    made.trust_env = False
    made.headers["User-Agent"] = "Dailies"
    # What is kept must be the bytes that were sent, and nothing may inflate on the way.
    made.headers["Accept-Encoding"] = "identity"
    adapter: ListedAdapter | PublicAdapter = (
        ListedAdapter()
        if is_listed(parts, allowed)
        else PublicAdapter(is_https_proto=parts.scheme == "https")
    )
    adapter.deadline = deadline
    made.mount(f"{parts.scheme}://", adapter)
    return made
