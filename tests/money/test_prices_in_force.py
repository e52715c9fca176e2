"""The price list is put together once while its rows are the same, and anew with any change."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from jobs import pricing
from jobs.models import Price, User
from jobs.models.money.withdrawn_model import WithdrawnModel
from jobs.pricing import PriceList
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def cost() -> int | None:
    return PriceList().of(factories.submission())


def test_an_unchanged_list_is_the_same_one() -> None:
    assert PriceList().mark is PriceList().mark
    assert PriceList().rows == Price.objects.in_force()


def test_each_change_counts_at_once(admin: User) -> None:
    before, now = cost(), timezone.now()
    assert before
    row = PriceList().row(
        provider="kie", kind="generate", model="veo3_fast", resolution="720p", duration=8
    )
    assert row
    pricing.change(row, before + 1, begins=None, reason="Dearer", actor=admin)
    assert cost() == before + 1
    pricing.change(row, before + 2, begins=now + timedelta(days=1), reason="Later", actor=admin)
    assert cost() == before + 1
    with time_machine.travel(now + timedelta(days=2)):
        assert cost() == before + 2
    Price.objects.filter(credits=before + 1).update(credits=before + 3)
    assert cost() == before + 3
    withdrawn = WithdrawnModel.objects.create(provider="kie", model="veo3_fast", reason="Gone")
    assert cost() is None
    withdrawn.delete()
    assert cost() == before + 3
