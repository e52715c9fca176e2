"""Addresses that leave the house: on links, in mails, for providers. No other module makes one."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def public(path: str, request: HttpRequest | None = None) -> str:
    """The whole address of a page or file, for somebody who is not here.

    It is PUBLIC_URL's, whoever asks: a colleague comes by a name of the office, a client cannot.
    Without one it is that of the request; without either it is '', since nobody knows it.
    """
    if settings.PUBLIC_URL:
        return f"{settings.PUBLIC_URL}{path}"
    return request.build_absolute_uri(path) if request else ""


def is_ours(address: str, request: HttpRequest) -> bool:
    """Whether an address leads to this server, by the request's name for it or by PUBLIC_URL's.

    Raises `ValueError` for what is no address.
    """
    host = urlsplit(address).netloc.lower()
    return host in {request.get_host().lower(), urlsplit(settings.PUBLIC_URL).netloc.lower()} - {""}


def hosts() -> set[str]:
    """The names of hosts, without ports, that people open this server by, as far as it knows."""
    known = (settings.PUBLIC_URL, *settings.CSRF_TRUSTED_ORIGINS)
    return {host for address in known if (host := urlsplit(address).hostname)}


def reaches_us() -> bool:
    """Whether a provider can call back, or fetch something from here."""
    return bool(settings.CALLBACK_BASE)


def for_provider(path: str) -> str:
    """The whole address of something that a provider asks for; only where it `reaches_us`."""
    return f"{settings.CALLBACK_BASE}{path}"
