"""Make a client of a provider's declaration and the settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings

from jobs.providers import PROVIDERS
from jobs.providers.base import Client
from jobs.providers.http import ASK_SECONDS, POST_SECONDS, Http


def client(name: str) -> Client:
    """The client of a provider, at the addresses that the settings hold at this moment.

    Raises KeyError for a name that is in no table. The clients keep no key and no connection,
    so one of each serves all threads.
    """
    provider = PROVIDERS[name]
    options = tuple(
        (argument, getattr(settings, setting)) for argument, setting in provider.settings.items()
    )
    return _shared_client(provider.client, options, _http())


def _http() -> Http:
    return _shared_http(
        float(getattr(settings, "PROVIDER_POST_SECONDS", POST_SECONDS)),
        float(getattr(settings, "PROVIDER_ASK_SECONDS", ASK_SECONDS)),
    )


@lru_cache(maxsize=8)
def _shared_http(post_seconds: float, ask_seconds: float) -> Http:
    return Http(post_seconds=post_seconds, ask_seconds=ask_seconds)


@lru_cache(maxsize=16)
def _shared_client(
    make: Callable[..., Client], options: tuple[tuple[str, Any], ...], http: Http
) -> Client:
    return make(**dict(options), http=http)
