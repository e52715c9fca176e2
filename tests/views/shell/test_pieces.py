"""What polls bring beside cards: kept by all that it shows."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs import ledger
from jobs.models import Credential, Job, User
from tests.support import factories
from tests.support.typed_forms import text
from tests.views.jobs.test_live import Tab, change

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_a_poll_brings_each_their_own_credits_and_keys(
    alice: User, alice_client: Client, admin_client: Client, admin: User
) -> None:
    job = factories.succeeded(alice)
    own, chief = Tab(alice_client), Tab(admin_client)

    def told(tab: Tab) -> str:
        change(Job.objects.get(pk=job.pk), error="")
        assert tab.poll() == 200
        return text(tab.answer)

    first = told(own), told(chief)
    assert first[0] != first[1]
    ledger.grant(alice, 4321, reason="More", actor=admin)
    assert told(own) != first[0]
    Credential.objects.filter(owner=alice).update(state=Credential.State.REJECTED)
    assert "doesn’t accept your key" in told(own)
    assert "doesn’t accept your key" not in told(chief)
    Credential.objects.filter(owner=alice).update(state=Credential.State.READY)
    assert "doesn’t accept" not in told(own)
