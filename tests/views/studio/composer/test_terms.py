"""What the composer says of its price: only what comes true of the order as it stands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from jobs.models import Price, User
from tests.support import factories
from tests.support.answers import seedance
from tests.support.typed_forms import composer

pytestmark = [pytest.mark.django_db]


def said(answer: Any) -> list[str]:
    """Which of the sentences about the price can be read."""
    found = re.findall(r'<p[^>]*id="(reserved[\w-]*|unpriced)"([^>]*)>', answer.content.decode())
    assert len(found) == 3
    return [name for name, attributes in found if "hidden" not in attributes]


def test_what_the_budget_holds_is_reserved_now(alice: User, alice_client: Client) -> None:
    assert said(alice_client.get("/")) == ["reserved"]


def test_what_has_to_be_approved_is_reserved_then() -> None:
    assert said(factories.signed_in(factories.member("carol")).get("/")) == ["reserved-later"]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
def test_nothing_is_said_to_be_reserved_of_what_has_no_price(
    alice: User, alice_client: Client, headers: dict[str, str]
) -> None:
    answer = alice_client.post("/", composer(**seedance.ORDER), headers=headers)
    assert said(answer) == ["unpriced"]


def test_nor_is_it_of_an_extension(alice: User, alice_client: Client) -> None:
    take = factories.film(alice).job
    page = alice_client.get(f"/jobs/{take.pk}/extend/").content.decode()
    assert "Reserved now. Charged when the film is ready" in page
    Price.objects.filter(kind="extend").delete()
    page = alice_client.get(f"/jobs/{take.pk}/extend/").content.decode()
    assert ("Reserved now" in page, "These settings have no price yet." in page) == (False, True)
