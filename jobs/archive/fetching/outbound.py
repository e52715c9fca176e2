"""Reaches addresses that somebody else chose: only allowed hosts, only public addresses.

The host is resolved once, every address class that is not public is turned down, and the
connection goes to that very address, so a name cannot change its mind in between.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from string import punctuation
from typing import Any
from unicodedata import category
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import idna
import requests
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

from jobs.providers.connection import OneShot, Watched
from jobs.providers.deadline import Deadline

URL_LENGTH_MAX = 2048
HOST_LENGTH_MAX = 253
"""Of any name (RFC 1035)."""
HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII)
"""A name or an address in letters that mean themselves: no %00, no zone, no label too long."""
UNICAST_V6 = ipaddress.ip_network("2000::/3")
"""All that is handed out for the public internet; what embeds an IPv4 address lies elsewhere."""
IN_PATH, IN_QUERY = ("".join(sorted({*punctuation} - {*odd})) for odd in ('"#<>?`{}^', "\"#<>'"))
"""What browsers leave as it is (WHATWG URL)."""
ODD_LETTER = "it holds a character that no address has"
NOT_WHOLE = "it does not begin with https://"
LOGIN = "it names a user or a password"
NO_HOST = "its host has no valid name"


class Forbidden(Exception):
    """An address that we do not fetch from; says why, as the rest of a sentence about it."""


class Unlisted(Forbidden):
    """An address that we would fetch from if the operator listed its host."""

    def __init__(self, entry: str, reason: str) -> None:
        super().__init__(reason)
        self.entry = entry
        """What to list: a host, or `host:port`, which may then be a private one."""


class PublicAdapter(Watched, IPFilterAdapter):  # type: ignore[misc]  # the library has no types
    """The library's filter, and whatever the address is, it must be a global one."""

    def __init__(self, deadline: Deadline, *, is_https_proto: bool) -> None:
        super().__init__(is_https_proto=is_https_proto)  # type: ignore[call-arg]  # it is the library’s
        self.deadline = deadline

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        address = ipaddress.ip_address(host["host"].strip("[]"))
        if not address.is_global or (address.version == 6 and address not in UNICAST_V6):
            raise InvalidIPAddress(host["host"])
        return host, pool


def as_uri(address: str) -> str:
    """An address in any script as browsers send it; one in ASCII without blanks stays as it is.

    The name of the host goes by UTS 46, path and query by percent-encoded UTF-8 (RFC 3987). What
    comes out is an address like any other, and is nothing to fetch before it went through `check`.
    Raises `Forbidden`.
    """
    if address.isascii() and " " not in address:
        return address
    if any(category(letter) in ("Cc", "Cs") for letter in address):
        raise Forbidden(ODD_LETTER)
    parts = _split(address)
    netloc = parts.netloc
    if not netloc.isascii():
        if "@" in netloc:
            raise Forbidden(LOGIN)
        netloc = _ascii_host(parts.hostname or "")
        if parts.port is not None:
            netloc += f":{parts.port}"
    path, query = quote(parts.path, safe=IN_PATH), quote(parts.query, safe=IN_QUERY)
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def check(url: str, allowed: Sequence[str]) -> SplitResult:
    """The parts of a URL that we may fetch. Raises `Forbidden` for everything else, with why."""
    if len(url) > URL_LENGTH_MAX:
        raise Forbidden(f"it is longer than {URL_LENGTH_MAX:,} characters")
    if not url.isascii() or any(c.isspace() or not c.isprintable() for c in url):
        raise Forbidden(ODD_LETTER)
    if "\\" in url:
        raise Forbidden("it holds a backslash")
    parts = _split(url)
    if parts.scheme not in ("http", "https"):
        known = "://" in url and parts.scheme
        raise Forbidden(f"only https is fetched, not {known}" if known else NOT_WHOLE)
    if "@" in parts.netloc:
        raise Forbidden(LOGIN)
    host = parts.hostname or ""
    if len(host) > HOST_LENGTH_MAX or not HOST.fullmatch(host):
        raise Forbidden(NO_HOST)
    if is_listed(parts, allowed):
        return parts
    reason = ""
    if parts.scheme != "https":
        reason = f"only https is fetched, not {parts.scheme}"
    elif parts.port not in (None, 443):
        reason = f"only the usual port of https is fetched from, not {parts.port}"
    elif not any(fnmatchcase(host, pattern) for pattern in allowed):
        reason = f"{host} is not among ARCHIVE_HOSTS"
    if reason:
        raise _unlisted(parts, host, reason)
    return parts


def _split(url: str) -> SplitResult:
    """Its parts, with a port that is none or a number. Raises `Forbidden`."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Forbidden(NO_HOST) from error
    try:
        parts.port  # noqa: B018  (it is read here)
    except ValueError as error:
        raise Forbidden("its port is none that there can be") from error
    return parts


def _ascii_host(name: str) -> str:
    """As the name server is asked for it: every letter mapped first, then each label encoded.

    Symbols are names too, as in browsers, which idna.encode would refuse.
    """
    try:
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
    except idna.IDNAError as error:
        raise Forbidden(NO_HOST) from error
    labels = (
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        for label in mapped.split(".")
    )
    host = ".".join(labels)
    # Some letters stand for several, one of which may end the name ("℀" is "a/c").
    if not HOST.fullmatch(host):
        raise Forbidden(NO_HOST)
    return host


def is_listed(parts: SplitResult, allowed: Sequence[str]) -> bool:
    """The operator named exactly this host and port, which may then be a private one."""
    if parts.scheme not in ("http", "https") or (parts.scheme == "https" and parts.port is None):
        return False
    return _with_port(parts) in allowed


def covers(allowed: Sequence[str], entry: str) -> bool:
    """What `Unlisted` named has been listed since, as it is or by a pattern."""
    return entry in allowed or any(fnmatchcase(entry, pattern) for pattern in allowed)


def _unlisted(parts: SplitResult, host: str, reason: str) -> Forbidden:
    """For a host that could be listed, with what to list."""
    if parts.port is None and _is_private(host):
        return Forbidden(reason)
    is_usual = parts.scheme == "https" and parts.port in (None, 443)
    return Unlisted(host if is_usual else _with_port(parts), reason)


def _with_port(parts: SplitResult) -> str:
    return f"{parts.hostname}:{parts.port or 80}"


def _is_private(host: str) -> bool:
    """It is a number that only means something within a network, which nobody is asked to list."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


class _OneAnswer(requests.Session):
    """Takes answers as they are: requests reads all of a redirect, to look where it leads."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


def session(parts: SplitResult, allowed: Sequence[str], deadline: Deadline) -> requests.Session:
    """A session for this one URL: pinned to a public address, or to the listed host."""
    made = _OneAnswer()
    made.trust_env = False
    made.headers["User-Agent"] = "Dailies"
    # What is kept must be the bytes that were sent, and nothing may inflate on the way.
    made.headers["Accept-Encoding"] = "identity"
    adapter: Watched = (
        OneShot(deadline)
        if is_listed(parts, allowed)
        else PublicAdapter(deadline, is_https_proto=parts.scheme == "https")
    )
    made.mount(f"{parts.scheme}://", adapter)
    return made
