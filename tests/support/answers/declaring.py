"""Has a provider declare something else of itself, for one test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jobs.providers import PROVIDERS


def declare(monkeypatch: pytest.MonkeyPatch, name: str, **changes: Any) -> None:
    """As if this were what the provider says."""
    monkeypatch.setitem(PROVIDERS, name, replace(PROVIDERS[name], **changes))
