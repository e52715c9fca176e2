"""What tests of people's own pages begin with."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs.models import User
from tests.support.pages.second_factors import forget_last_use, set_up_app


@pytest.fixture
def app(alice: User, alice_client: Client) -> str:
    """The secret of Alice's app, which shows a code that nobody has used."""
    secret, _ = set_up_app(alice_client)
    forget_last_use(alice)
    return secret
