"""Limits: exact whoever counts, settings that say what is wrong, and a friendly answer."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from jobs import limits
from jobs.limits import TooMany
from jobs.models import LimitUse, User
from jobs.net import floods
from jobs.net.floods import Limit, Rate
from jobs.times import moments
from tests import ROOT
from tests.support import factories
from tests.support.limited import allow, later
from tests.support.racing import together
from tests.support.typed_forms import HTMX, text

SOME = Limit.LINK_PASSWORDS
HOUR = 3600


# ── Counting ─────────────────────────────────────────────────────────────────
@pytest.mark.django_db
@pytest.mark.data
@profile(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    most=st.integers(1, 12),
    steps=st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 6)), max_size=12),
)
def test_nobody_gets_more_than_a_burst_and_what_time_brings_back(
    most: int, steps: list[tuple[int, int]]
) -> None:
    who, now = uuid4(), 0
    taken = []
    with override_settings(LIMITS={SOME.name: Rate(most, HOUR)}):
        for pause, tries in steps:
            later(pause)
            now += pause
            for _ in range(tries):
                with suppress(TooMany):
                    limits.take(SOME, who)
                    taken.append(now)
    for index, start in enumerate(taken):
        for count, end in enumerate(taken[index:], 1):
            assert count <= most + (end - start + 5) * most / HOUR


@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.parametrize("rate", ["1/1h", "3/10m", "10/1h", "7/1d"])
def test_all_of_it_can_be_had_at_once_and_the_next_after_the_time_that_was_told(
    settings: Any, rate: str
) -> None:
    allow(settings, SOME, rate)
    for _ in range(settings.LIMITS[SOME.name].most):
        limits.take(SOME, "somebody")
    with pytest.raises(TooMany) as refused:
        limits.take(SOME, "somebody")
    later(refused.value.seconds - 5)
    with pytest.raises(TooMany):
        limits.check(SOME, "somebody")
    later(5)
    limits.take(SOME, "somebody")
    limits.take(SOME, "somebody else")


@pytest.mark.django_db(transaction=True)
@pytest.mark.data
def test_many_at_once_get_no_more_than_there_is(settings: Any) -> None:
    allow(settings, SOME, "5/1h")
    said = together(12, lambda _: limits.take(SOME, "somebody"))
    assert (said.count(None), sum(isinstance(each, TooMany) for each in said)) == (5, 7)


@pytest.mark.django_db
@pytest.mark.data
def test_a_refused_try_writes_nothing_and_waits_for_no_lock(settings: Any) -> None:
    allow(settings, SOME, "1/1h")
    limits.take(SOME, "somebody")
    before = list(LimitUse.objects.values())
    with CaptureQueriesContext(connection) as asked, pytest.raises(TooMany):
        limits.take(SOME, "somebody")
    assert [each["sql"][:6] for each in asked] == ["SELECT"]
    assert list(LimitUse.objects.values()) == before


@pytest.mark.django_db
@pytest.mark.data
def test_bytes_count_by_their_number(settings: Any) -> None:
    allow(settings, SOME, "2 GB / 1d")
    limits.take(SOME, "somebody", amount=1_900_000_000)
    with pytest.raises(TooMany) as refused:
        limits.take(SOME, "somebody", amount=200_000_000)
    assert refused.value.seconds == pytest.approx(86_400 / 20, abs=5)
    limits.take(SOME, "somebody", amount=99_000_000)
    with pytest.raises(TooMany):
        limits.take(SOME, "somebody else", amount=2_000_000_001)


@pytest.mark.django_db
@pytest.mark.data
def test_what_did_not_count_comes_back_and_what_is_over_is_forgotten(settings: Any) -> None:
    allow(settings, SOME, "1/1h")
    limits.take(SOME, "somebody")
    limits.give_back(SOME, "somebody")
    limits.take(SOME, "somebody")
    limits.tidy()
    assert LimitUse.objects.count() == 1
    later(3 * HOUR)
    limits.tidy()
    assert not LimitUse.objects.exists()


@pytest.mark.django_db
@pytest.mark.data
def test_who_is_counted_can_not_be_read_there() -> None:
    limits.take(SOME, "203.0.113.9")
    assert re.fullmatch(r"[0-9a-f]{64}", LimitUse.objects.get().who)


@pytest.mark.django_db
def test_a_limit_that_is_off_counts_nothing(settings: Any) -> None:
    allow(settings, SOME, "off")
    for _ in range(30):
        limits.take(SOME, "somebody")
    limits.check(SOME, "somebody")
    assert not LimitUse.objects.exists()


# ── Settings ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("typed", "rate"),
    [
        ("10/5m", Rate(10, 300)),
        (" 200 / h ", Rate(200, HOUR)),
        ("1/30s", Rate(1, 30)),
        ("500MB/1d", Rate(500_000_000, 86_400)),
        ("2k/7d", Rate(2000, 7 * 86_400)),
        ("OFF", None),
    ],
)
def test_a_limit_is_set_as_it_is_said(typed: str, rate: Rate | None) -> None:
    assert floods.rate("LIMIT_X", typed) == rate


@pytest.mark.parametrize(
    "typed",
    [*("0", "0/5m", "10", "10/0m", "-1/5m", "10/5", "ten/5m", "10/5y", "1.5/m", "٣/5m"), "1/999d"],
)
def test_a_setting_that_is_no_limit_is_named(typed: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"LIMIT_X: .* is no limit\. Give how many"):
        floods.rate("LIMIT_X", typed)


def test_every_limit_is_read_and_explained_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text()
    guide = (ROOT / "docs/operating.md").read_text()
    for limit in Limit:
        own = floods.read(defaultdict(str, {limit.setting: "7/3h"}).__getitem__)
        assert own[limit.name] == Rate(7, 3 * HOUR)
        assert f"\n#{limit.setting}={limit.default}\n" in example
        assert f"\n| `{limit.setting}` | {limit.default} | " in guide


# ── What people see ──────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        *((1, "in a minute"), (60, "in a minute"), (61, "in 2 minutes"), (HOUR, "in 60 minutes")),
        *((3601, "in 2 hours"), (86_400, "in 24 hours"), (86_401, "in 2 days")),
    ],
)
def test_people_read_how_long_to_wait(seconds: int, said: str) -> None:
    assert moments.in_a_while(seconds) == said


@pytest.mark.django_db
@pytest.mark.data
def test_who_exports_without_end_is_told_when_to_go_on_and_colleagues_are_not(
    settings: Any, alice_client: Client, bob: User
) -> None:
    allow(settings, Limit.EXPORTS, "2/1h")
    table = reverse("usage-csv")
    for _ in range(2):
        assert alice_client.get(table).status_code == 200
    refused: Any = alice_client.get(table)
    assert refused.status_code == 429
    assert 1700 < int(refused.headers["Retry-After"]) <= 1800
    assert "You have exported a lot in a short time. Try again in 30 minutes." in text(refused)
    assert alice_client.get(reverse("usage")).status_code == 200
    assert factories.signed_in(bob).get(table).status_code == 200


@pytest.mark.django_db
@pytest.mark.data
def test_a_part_of_a_page_that_is_refused_says_so_beside_the_page(
    settings: Any, alice_client: Client
) -> None:
    allow(settings, Limit.EXPORTS, "1/1h")
    alice_client.get(reverse("usage-csv"))
    refused: Any = alice_client.get(reverse("usage-csv"), headers=HTMX)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (429, "#toasts")
    assert "You have exported a lot" in text(refused)
    assert "<html" not in refused.content.decode()
    assert "You have exported a lot" not in text(alice_client.get(reverse("usage")))
