"""What more than one file about pages starts from."""

from __future__ import annotations

import pytest

from jobs.models import Job, User
from tests.support import factories


@pytest.fixture
def take(alice: User) -> Job:
    """A finished take of Alice's at 720p, kept by us."""
    return factories.succeeded(alice, prompt="A fox")
