"""What tests of callbacks start from: jobs that may be called about, and the call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from jobs.models import Credential, Job, User
from jobs.secrets import vault
from tests.support import kie
from tests.support.fakes import Wire
from tests.support.sending import sent

CALLBACK = kie.callback()


def post(
    client: Client, path: str, body: bytes = CALLBACK, headers: Mapping[str, str] | None = None
) -> Any:
    """Call as a provider does."""
    return client.post(path, body, content_type="application/json", headers=headers)


@pytest.fixture
def job(provider: Wire, alice: User) -> Job:
    """A running job of Alice's."""
    provider.answer(json=kie.accepted())
    return sent(alice)


@pytest.fixture
def lost_answer(provider: Wire, alice: User) -> Job:
    """A job that the provider took, though its answer never arrived."""
    provider.rst()
    return sent(alice)


@pytest.fixture
def signed(key: Credential) -> str:
    """A signing key on Alice's kie key."""
    sealed = vault.seal("test-webhook-hmac-key", key.seal_context)
    Credential.objects.filter(pk=key.pk).update(sealed_signing_key=sealed)
    return "test-webhook-hmac-key"
