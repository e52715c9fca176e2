"""What the cases of the fault list share: practice providers, certificates, and files to fetch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest

from jobs.practice import Options, PracticeServer
from jobs.practice.files import films
from tests.archive.conftest import names, reached, waiting
from tests.providers.conftest import certificate, tls_wire
from tests.support import factories
from tests.support.media import rendered_once

__all__ = ["certificate", "names", "reached", "tls_wire", "waiting"]


@pytest.fixture
def practice(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., PracticeServer]]:
    """Starts a practice provider with options of its own, and has Dailies speak to it."""
    monkeypatch.setattr(films, "render", rendered_once.render)
    with ExitStack() as stack:

        def start(**options: Any) -> PracticeServer:
            usual: dict[str, Any] = {
                "kie_keys": [factories.CANARY_KEY],
                "veo4_keys": [factories.CANARY_KEY],
                "balance": Decimal(100_000),
                "seconds": 0,
                "queue_seconds": 0,
                "fps": 2,
                "reuse_films": True,
                "callback_pause": 0,
            }
            server = stack.enter_context(PracticeServer(Options(**{**usual, **options})))
            settings.KIE_BASE_URL = settings.KIE_UPLOAD_URL = server.url
            settings.VEO4_BASE_URL = f"{server.url}/api/video/veo4"
            settings.ARCHIVE_HOSTS = [server.url.removeprefix("http://")]
            settings.CALLBACK_BASE = ""
            return server

        yield start
