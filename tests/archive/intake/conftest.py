from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobs.decoding import apart, standby
from tests.support.media import decoded_once


@pytest.fixture
def children_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is remembered of earlier ones, and nobody stands by any longer."""
    monkeypatch.setattr(apart, "_asked", decoded_once.ask_a_child)
    yield
    standby.films.end()
