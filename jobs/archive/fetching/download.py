"""Streams one file to disk within caps, and vouches for nothing but its bytes."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import requests
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError

from jobs.archive.fetching import outbound
from jobs.machine import disk
from jobs.providers.deadline import Deadline

CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Caps:
    """The most of our disk and time that one file may take."""

    bytes: int = 2 * 1024**3
    seconds: float = 900
    """From the first byte we send to the last one we get. Less than the queue gives a task, which
    ends a worker in the middle of whatever it does."""
    bytes_per_second: float = 20_000
    """The slowest throughput that is waited for, measured after the first `patience` seconds."""
    patience: float = 15
    connect: float = 10
    read: float = 20


class LinkGone(Exception):
    """The link answers 403, 404 or 410: it expired."""


class NotNow(Exception):
    """Try again later: the network, the server, or our disk."""


class NoRoom(NotNow):
    """Our own disk did not take it, which tells nothing of the file or of where it lies."""


class Unacceptable(Exception):
    """Never a file of ours: wrong host, too large, not a video."""


class Unlisted(Unacceptable):
    """It lies, or a redirect leads, where the operator has not allowed us to go; we did not."""

    def __init__(self, entry: str, text: str) -> None:
        super().__init__(text)
        self.entry = entry
        """What the list lacks."""


class _Elsewhere(Exception):
    """The answer was another address, or ought to have been."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


@dataclass(frozen=True, slots=True)
class Downloaded:
    bytes: int
    sha256: str


def download(
    url: str,
    target: Path,
    allowed: Sequence[str],
    caps: Caps,
    beat: Callable[[], None] = lambda: None,
    *,
    redirects: int = 0,
) -> Downloaded:
    """Fetch `url` into the new file `target`, synced. Raises one of those above.

    So many redirects are followed, each to where a link could have led at once. `beat` is called
    while bytes arrive, and may stop it all by raising. On any error `target` is gone again.
    """
    ends = time.monotonic() + caps.seconds
    for _ in range(redirects + 1):
        try:
            return _fetched(url, target, allowed, caps, beat, ends)
        except _Elsewhere as error:
            if not redirects or not error.url:
                raise Unacceptable(
                    "The link redirects elsewhere, and we don’t follow redirects."
                ) from error
            url = error.url
    raise NotNow("the link redirects again and again")


def _fetched(
    url: str,
    target: Path,
    allowed: Sequence[str],
    caps: Caps,
    beat: Callable[[], None],
    ends: float,
) -> Downloaded:
    try:
        uri = outbound.as_uri(url)
        parts = outbound.check(uri, allowed)
        with (
            Deadline(max(ends - time.monotonic(), 0)) as deadline,
            outbound.session(parts, allowed, deadline) as session,
            session.get(
                uri,
                stream=True,
                allow_redirects=False,
                timeout=(caps.connect, caps.read),
            ) as response,
        ):
            _require_whole_answer(response, caps)
            return _write(response, target, caps, deadline, beat)
    except outbound.Unlisted as error:
        raise Unlisted(error.entry, f"The address is not one we fetch from: {error}") from error
    except (outbound.Forbidden, InvalidIPAddress) as error:
        raise Unacceptable(f"The address is not one we fetch from: {error}") from error
    except (requests.RequestException, HTTPError, OSError) as error:
        # HTTPError: what urllib3 raises while the body is read, which requests does not translate.
        target.unlink(missing_ok=True)
        kind = NoRoom if disk.is_to_blame(error) else NotNow
        raise kind(_what_broke(error)) from error
    except ValueError as error:
        raise Unacceptable("The link redirects to what is no address.") from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _what_broke(error: Exception) -> str:
    if isinstance(error, OSError) and disk.is_to_blame(error):
        return disk.why(error)
    if isinstance(error.__cause__, socket.gaierror):
        return "no host of this name was found"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not valid"
    if isinstance(error, requests.exceptions.Timeout):
        return "the host did not answer in time"
    return f"the transfer broke off ({type(error).__name__})"


def _require_whole_answer(response: requests.Response, caps: Caps) -> None:
    if response.status_code in (403, 404, 410):
        raise LinkGone(str(response.status_code))
    if 300 <= response.status_code < 400:
        raise _Elsewhere(_where_to(response))
    if response.status_code != 200:
        raise NotNow(f"answered {response.status_code}")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unacceptable("The file came compressed, although we asked for the original.")
    if (_told_length(response) or 0) > caps.bytes:
        raise Unacceptable("The file is too large to store.")


def _where_to(response: requests.Response) -> str:
    """The address that a redirect names; '' for one that names none."""
    target = requests.Session().get_redirect_target(response)
    return urljoin(response.url, target) if target else ""


def _write(
    response: requests.Response,
    target: Path,
    caps: Caps,
    deadline: Deadline,
    beat: Callable[[], None],
) -> Downloaded:
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        for chunk in _paced(response, caps):
            beat()
            size += len(chunk)
            if size > caps.bytes:
                raise Unacceptable("The file is too large to store.")
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if deadline.passed:
        # A connection that was cut looks like the end of a body that told no length.
        raise NotNow("the transfer took too long")
    if _told_length(response) not in (None, size):
        raise NotNow("the transfer was cut short")
    return Downloaded(size, digest.hexdigest())


def _told_length(response: requests.Response) -> int | None:
    told = response.headers.get("Content-Length", "")
    # Other digits than ASCII's, or thousands of them, would break int().
    return int(told) if re.fullmatch("[0-9]{1,19}", told) else None


def _paced(response: requests.Response, caps: Caps) -> Iterator[bytes]:
    """The body in chunks; ends with `NotNow` when it only trickles."""
    started, size = time.monotonic(), 0
    while True:
        # read1-style: returns what is there, so a trickle is seen while it trickles.
        chunk = response.raw.read1(CHUNK)
        if not chunk:
            return
        size += len(chunk)
        spent = time.monotonic() - started
        if spent > caps.patience and size / spent < caps.bytes_per_second:
            raise NotNow("the transfer is too slow")
        yield chunk
