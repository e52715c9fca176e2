"""Who calls: the address of a client, as far as the proxies in between can be believed; from which
page; where to go instead, and when to call again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple, TypeVar
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django_htmx.http import HttpResponseClientRedirect

from jobs.limits import TooMany
from jobs.net import addresses, networks

PEER = "PEER_ADDR"
"""In META: what is connected to us, be it the client or the last proxy."""
logger = logging.getLogger(__name__)
Response = TypeVar("Response", bound=HttpResponse)


def caller(request: HttpRequest, bits: int = 64) -> str:
    """What a client is counted by, as `networks.client_at` says."""
    return networks.client_at(request.META.get("REMOTE_ADDR", ""), bits)


def is_proxy(peer: str) -> bool:
    """What is connected to us may speak for others. A socket in the file system has no address."""
    address = networks.read(peer)
    trusted = settings.TRUSTED_PROXIES
    if address is None:
        return not peer and any(not each.prefixlen for each in trusted)
    return any(address in each for each in trusted)


def behind(proxy: str, forwarded: str) -> str:
    """The address of the client, by what a proxy of ours tells in X-Forwarded-For.

    Each proxy adds at the end whom it heard: from there we go back for as long as we know who
    tells. Where just anybody may be our proxy, the last entry alone is known to be a proxy's.
    """
    known = [each for each in settings.TRUSTED_PROXIES if each.prefixlen]
    client = proxy
    for said in reversed(forwarded.split(",")):
        address = networks.read(said)
        if address is None:
            break
        client = str(address)
        if not any(address in each for each in known):
            break
    return client


def called_from(request: HttpRequest) -> str:
    """The page of ours that was open, as a path; "" where none is known."""
    named = "HX-Current-URL" if getattr(request, "htmx", False) else "Referer"
    return _path_of_ours(request.headers.get(named, ""), request)


class Left(NamedTuple):
    """A page that led to another, for the way back to it."""

    name: str
    address: str


LISTINGS = {"studio": "Studio", "library": "Library", "project": "Project"}
"""The pages that list videos, as they are called on the way back to them."""


def listing_left(request: HttpRequest) -> Left:
    """The list that led here, as it was; where that was none, the library, which has them all."""
    return _left(called_from(request), LISTINGS)


def page_left(request: HttpRequest) -> Left:
    """The list or the video that led here; a form says it again as `next`."""
    return _left(request.POST.get("next") or called_from(request), LISTINGS | {"job": "Video"})


def _left(address: str, names: Mapping[str, str]) -> Left:
    with suppress(ValueError, Resolver404):
        # A form may say anything: what is ours of it, and has a name here, is led to.
        parts = urlsplit(address)
        if name := names.get(resolve(parts.path).url_name or ""):
            return Left(name, _path_of(parts))
    return Left("Library", reverse("library"))


def led(request: HttpRequest, to: str) -> HttpResponse:
    """Send the whole tab there: a fetch would follow a redirect by itself, into part of a page."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(to)
    return HttpResponseRedirect(to)


def later(response: Response, error: TooMany | None) -> Response:
    """Tell a program too that it was too much (429), and when there is room again; if it was."""
    if error:
        logger.warning("limit reached: %s", error.limit.name)
        response.status_code = 429
        response.headers["Retry-After"] = str(error.seconds)
    return response


def leave_unlogged(response: HttpResponse) -> None:
    """Keep Django from writing an error into the log for this answer: that is said elsewhere."""
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001


def _path_of_ours(address: str, request: HttpRequest) -> str:
    """The path of an address that leads here; "" of any other."""
    try:
        if not addresses.is_ours(address, request):
            return ""
    except ValueError:
        return ""
    return _path_of(urlsplit(address))


def _path_of(parts: SplitResult) -> str:
    return parts.path + (f"?{parts.query}" if parts.query else "")
