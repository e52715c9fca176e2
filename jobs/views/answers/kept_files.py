"""Gives out what we keep, whole or in the pieces that a browser asks for (RFC 9110).

Who may have a file is for the view to say that asks for it here. Who sends it is a setting: where
the proxy in front of us can, it is told the name and the headers alone (SENDFILE). Films that lie
in a bucket are given out by that, at signed addresses (`elsewhere`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO, NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import render
from django.utils.cache import get_conditional_response

from jobs.archive.kept import files, near, posters, ranges
from jobs.archive.kept.away import Unreachable
from jobs.decoding.answers import POSTER_SIDES
from jobs.models import Image, Rendition, ShareLink
from jobs.views import callers
from jobs.views.answers import downloads, elsewhere
from jobs.views.answers.pieces import DIGITS_MAX, Unsatisfiable, begins, span_of

PLAIN = re.compile(r"(?:\w[\w.-]*/)*\w[\w.-]*", re.ASCII)
"""Names that no proxy can misread and that lead nowhere else: ours are all like this."""
SIDES = frozenset(map(str, POSTER_SIDES))
PLACE_FOR_FILE = "dailies.place_for_file"
"""In META: asks the server whether it sends one more in these names (`serving.sent_files`)."""
FULL = (
    "As many films and files are on their way to you as may be at once. Try again once one of "
    "them has arrived or was closed."
)
RETRY_SECONDS = 10


class Proxy(NamedTuple):
    """How a proxy is handed a file, and which conditions it would judge by a version of its own."""

    header: str
    place: str
    ours: tuple[str, ...]


PROXIES = {
    "nginx": Proxy("X-Accel-Redirect", "/kept/{name}", ("If-Match",)),
    "caddy": Proxy("X-Accel-Redirect", "/kept/{name}", ("If-Match", "If-Range")),
    "apache": Proxy("X-Sendfile", "{path}", ("If-Match",)),
}
"""By SENDFILE; see docs/proxies."""


class SentFile(ranges.Range):
    holders: tuple[str, ...] = ()
    """In whose names it is sent: the server counts them until it has gone."""


class PieceOfFile(FileResponse):
    """Read by whoever serves it, by the server itself where it can."""

    block_size = ranges.CHUNK


def given_out(
    request: HttpRequest,
    name: str,
    content_type: str,
    etag: str,
    *,
    link: ShareLink | None = None,
    save_as: str = "",
    at_first_byte: Callable[[], object] = lambda: None,
) -> HttpResponseBase:
    """A kept file, whole or the range asked for; to be saved under a name if one is given.

    By way of a link, it is one of those that its visitors may have on their way at once.

    Only that it did not change, to a browser that has this version. `at_first_byte` is called where
    the answer begins with the file's first byte: a browser that fetches it in pieces begins once.
    """
    if known := already_known(request, etag):
        return known
    try:
        if there := elsewhere.sent_there(request, name, content_type, save_as):
            if begins(request):
                at_first_byte()
            return there
        file = opened(name)
    except Unreachable:
        return elsewhere.unreachable(request)
    size = files.size_of(file)
    try:
        span = span_of(request, size, etag)
    except Unsatisfiable:
        file.close()
        refused = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        return with_file_headers(refused, etag)
    start, end = span or (0, size - 1)
    response: HttpResponseBase
    path = files.path_at_hand(name)
    if path and (proxy := _proxy_for(request, name, span)):
        file.close()
        response = HttpResponse(content_type=content_type)
        response[proxy.header] = quote(proxy.place.format(name=name, path=path))
    else:
        holders = place_for(request, link)
        if holders is None:
            file.close()
            return too_many(request)
        length = end - start + 1
        piece = SentFile(file, start, length if request.method == "GET" else 0)
        piece.holders = holders
        response = PieceOfFile(piece, status=206 if span else 200, content_type=content_type)
        response["Content-Length"] = str(length)
        response["Accept-Ranges"] = "bytes"
        if span:
            response["Content-Range"] = f"bytes {start}-{end}/{size}"
    if start == 0:
        at_first_byte()
    if save_as:
        downloads.save_as(response, save_as)
    return with_file_headers(response, etag)


def poster_given_out(
    request: HttpRequest, name: str, etag: str, link: ShareLink | None = None
) -> HttpResponseBase:
    """A poster, or its copy of the size that `side` in the address names; `etag` without quotes."""
    side = request.GET.get("side", "")
    try:
        # A film that was put back by hand may have come with its large poster alone.
        if side in SIDES and near.is_there(copy := posters.copy_of(name, int(side))):
            name, etag = copy, f"{etag}-{side}"
    except Unreachable:
        return elsewhere.unreachable(request)
    return given_out(request, name, "image/webp", f'"{etag}"', link=link)


def etag_of(kept: Rendition | Image, part: str = "") -> str:
    """The name of a kept file's content, or of a part that goes with it."""
    return f'"{kept.sha256[:32]}{part}"'


def already_known(request: HttpRequest, etag: str) -> HttpResponseBase | None:
    """The answer to who has this version, or to who wants only another one; None for all others.

    Kept files alone carry an ETag: a page holds a token that is masked anew each time.
    """
    answer = get_conditional_response(request, etag=etag)
    return with_file_headers(answer, etag) if answer else None


def opened(name: str) -> BinaryIO:
    """A kept file; the page of what is missing, should it have vanished.

    Raises `Unreachable` where nothing is known of it.
    """
    if not name:
        raise Http404
    try:
        return near.opened(name)
    except Unreachable:
        raise
    except OSError as error:
        raise Http404 from error


def with_file_headers(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """Keep a file what it is: never sniffed, never run, kept only by this browser."""
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _proxy_for(request: HttpRequest, name: str, span: tuple[int, int] | None) -> Proxy | None:
    """The one in front of us, if it can send this file and will answer as we would.

    What it would answer otherwise is ours: HEAD, conditions that it knows too little for, and
    ranges that it would refuse and the standard ignores.
    """
    proxy = PROXIES.get(settings.SENDFILE)
    if proxy is None or request.method != "GET" or not PLAIN.fullmatch(name):
        return None
    if any(header in request.headers for header in proxy.ours):
        return None
    asked = request.headers.get("Range")
    numbers = re.findall(r"\d+", asked or "")
    is_plain = asked is None or (span and all(len(each) <= DIGITS_MAX for each in numbers))
    return proxy if is_plain else None


def place_for(request: HttpRequest, link: ShareLink | None = None) -> tuple[str, ...] | None:
    """In whose names one more file is sent; None where they have as many on their way as may be."""
    holders = _holders(request, link)
    is_free = request.META.get(PLACE_FOR_FILE, lambda _: True)(holders)
    return tuple(holders) if is_free else None


def too_many(request: HttpRequest, said: str = FULL) -> HttpResponse:
    """Ask to come again in a moment."""
    response = render(request, "429.html", {"said": said}, status=429)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _holders(request: HttpRequest, link: ShareLink | None) -> dict[str, int]:
    """In whose names a file is sent, and how many each may have on their way at once."""
    holders = {}
    address = request.META.get("REMOTE_ADDR", "")
    if request.user.is_authenticated:
        holders[f"person {request.user.pk}"] = settings.FILES_PER_CLIENT
    elif address != request.META.get(callers.PEER) or not callers.is_proxy(address):
        # What a proxy does not tell apart is not one client.
        holders[f"address {callers.caller(request)}"] = settings.FILES_PER_CLIENT
    if link:
        holders[f"link {link.pk}"] = settings.FILES_PER_LINK
    return holders
