"""What stands around every page: one line for what has to be said, and what a phone opens."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs import ledger
from jobs.letters.counts import COUNTED_MAX
from jobs.models import Credential, User
from tests.support import factories
from tests.support.markup import flat
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


def tabs(client: Client) -> list[str]:
    bar = flat(client.get("/").content.decode()).partition('class="tabbar"')[2]
    return re.findall(r"</svg>([^<]+)</a>|</svg>([^<]+)<span", bar.partition("</nav>")[0])


def test_a_phone_has_what_one_opens_on_it_in_five_tabs(
    alice_client: Client, admin_client: Client
) -> None:
    names = ["".join(each).strip() for each in tabs(alice_client)]
    assert names == ["Studio", "Library", "Projects", "Shares", "Credits"]
    names = ["".join(each).strip() for each in tabs(admin_client)]
    assert names == ["Studio", "Library", "Projects", "Shares", "Team"]
    menu = alice_client.get("/").content.decode().partition('id="me"')[2]
    assert 'href="/keys/"' in menu
    assert 'href="/usage/"' in menu


@pytest.mark.data
def test_practice_is_said_by_a_pill_that_explains_itself(
    alice_client: Client, settings: Any
) -> None:
    assert "Practice mode" not in text(alice_client.get("/"))
    settings.PRACTICE = True
    page = text(alice_client.get("/credits/"))
    assert "Practice mode: sample videos, no real credits." in page


def test_all_that_a_page_has_to_say_stands_in_one_place(alice: User, alice_client: Client) -> None:
    ledger.grant(alice, -700, reason="for a test", actor=None)
    for _ in range(4):
        factories.job(alice)
    Credential.objects.filter(owner=alice, provider="kie").update(state="rejected")
    Credential.objects.filter(owner=alice, provider="veo4").delete()
    page = flat(alice_client.get("/").content.decode())
    before, _, after = page.partition('<div class="notices">')
    assert '<p class="banner' not in before
    assert len(re.findall('<p class="banner[^>]*>', after.partition("<form")[0])) >= 4


@pytest.mark.data
def test_what_is_live_is_counted_no_further_than_a_page_says(
    alice: User, alice_client: Client
) -> None:
    factories.job(alice)
    with CaptureQueriesContext(connection) as asked:
        assert "1 live" in text(alice_client.get("/credits/"))
    (live,) = (each["sql"] for each in asked if "'submitting'" in each["sql"])
    assert f"LIMIT {COUNTED_MAX + 1}" in live
