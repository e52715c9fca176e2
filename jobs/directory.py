"""Make a client of a provider's declaration and the settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, BinaryIO, TypeVar

from django.conf import settings

from jobs.machine import measures
from jobs.providers import PROVIDERS
from jobs.providers.base import Client, Receipt, Snapshot, VideoRequest, Work
from jobs.providers.errors import ProviderError
from jobs.providers.http import ASK_SECONDS, POST_SECONDS, Http
from jobs.providers.price_feed import Feed

T = TypeVar("T")


def client(name: str) -> Client:
    """The client of a provider, at the addresses that the settings hold at this moment.

    Raises KeyError for a name that is in no table. The clients keep no key and no connection,
    so one of each serves all threads.
    """
    provider = PROVIDERS[name]
    options = tuple(
        (argument, getattr(settings, setting)) for argument, setting in provider.settings.items()
    )
    found = _shared_client(provider.client, options, _http())
    return Timed(name, found) if measures.are_on() else found


def prices(name: str) -> Feed:
    """A provider's public list of prices, as it is at this moment.

    Raises KeyError for one that has none, `NotUnderstood` and `ProviderError`.
    """
    feed = PROVIDERS[name].prices
    if feed is None:
        raise KeyError(name)
    address: str = getattr(settings, feed.setting)
    return feed.read(_http(), address)


class Timed:
    """A client whose calls are timed for monitors."""

    def __init__(self, name: str, behind: Client) -> None:
        self._name, self._behind = name, behind
        self.read_callback, self.verify_callback = behind.read_callback, behind.verify_callback

    def submit(self, key: str, request: VideoRequest) -> Receipt:
        return self._timed("order", lambda: self._behind.submit(key, request))

    def fetch(self, key: str, work: Work) -> Snapshot:
        return self._timed("question", lambda: self._behind.fetch(key, work))

    def upload(self, key: str, name: str, content: BinaryIO, content_type: str) -> str:
        return self._timed("upload", lambda: self._behind.upload(key, name, content, content_type))

    def fresh_url(self, key: str, url: str) -> str:
        return self._timed("link", lambda: self._behind.fresh_url(key, url))

    def balance(self, key: str) -> Decimal | None:
        return self._timed("balance", lambda: self._behind.balance(key))

    def _timed(self, call: str, act: Callable[[], T]) -> T:
        begun, outcome = time.monotonic(), "broke"
        try:
            answer = act()
            outcome = "ok"
        except ProviderError as error:
            outcome = error.code
            raise
        finally:
            measures.answered(self._name, call, outcome, time.monotonic() - begun)
        return answer


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
