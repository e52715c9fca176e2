"""How closely the cards stand is kept in the browser in which it was chosen."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs.models import User
from tests.support import factories

pytestmark = pytest.mark.django_db
SMALL = 'class="grid compact"'


def test_small_cards_are_remembered_in_this_browser_alone(
    alice: User, alice_client: Client
) -> None:
    assert SMALL not in alice_client.get("/").content.decode()
    answer = alice_client.post("/density/", {"density": "compact", "next": "/?tab=ready"})
    assert (answer.status_code, answer["Location"]) == (302, "/?tab=ready")
    assert SMALL in alice_client.get("/").content.decode()
    assert SMALL not in factories.signed_in(alice).get("/").content.decode()
    alice_client.post("/density/", {"density": "comfortable"})
    assert SMALL not in alice_client.get("/").content.decode()


@pytest.mark.parametrize("wanted", ["", "tiny", '"><b>', "compact\x00"])
def test_no_other_density_is_taken(alice_client: Client, wanted: str) -> None:
    alice_client.post("/density/", {"density": wanted})
    page = alice_client.get("/").content.decode()
    assert 'class="grid"' in page
    assert "tiny" not in page


@pytest.mark.parametrize("there", ["//evil.example/", "https://evil.example/", "javascript:x"])
def test_the_choice_leads_back_to_this_site_alone(alice_client: Client, there: str) -> None:
    answer = alice_client.post("/density/", {"density": "compact", "next": there})
    assert answer["Location"] == "/"
