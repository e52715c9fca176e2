"""Make a client of a provider's short name and the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from django.conf import settings

from jobs.providers.base import Provider
from jobs.providers.http import ASK_SECONDS, POST_SECONDS, Http
from jobs.providers.kie.client import Kie
from jobs.providers.veo4.client import Veo4


def provider(name: str) -> Provider:
    """The client of a provider, at the addresses that the settings hold at this moment.

    Raises KeyError for a name that is in no table. The clients keep no key and no connection,
    so one of each serves all threads.
    """
    return _BUILDERS[name]()


def _http() -> Http:
    return _shared_http(
        float(getattr(settings, "PROVIDER_POST_SECONDS", POST_SECONDS)),
        float(getattr(settings, "PROVIDER_ASK_SECONDS", ASK_SECONDS)),
    )


@lru_cache(maxsize=8)
def _shared_http(post_seconds: float, ask_seconds: float) -> Http:
    return Http(post_seconds=post_seconds, ask_seconds=ask_seconds)


def _kie() -> Provider:
    return _shared_kie(settings.KIE_BASE_URL, settings.KIE_UPLOAD_URL, _http())


@lru_cache(maxsize=8)
def _shared_kie(base_url: str, upload_url: str, http: Http) -> Kie:
    return Kie(base_url=base_url, upload_url=upload_url, http=http)


def _veo4() -> Provider:
    return _shared_veo4(settings.VEO4_BASE_URL, settings.VEO4_SIGNATURE_HEADER, _http())


@lru_cache(maxsize=8)
def _shared_veo4(base_url: str, signature_header: str, http: Http) -> Veo4:
    return Veo4(base_url=base_url, signature_header=signature_header, http=http)


_BUILDERS: Mapping[str, Callable[[], Provider]] = {Kie.name: _kie, Veo4.name: _veo4}
