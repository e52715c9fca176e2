"""The password of a link is what people read of it, however a device sends it."""

from __future__ import annotations

import unicodedata
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jobs import shares
from jobs.limits import Limit
from jobs.models import LimitUse, ShareLink, User
from tests.support import factories
from tests.support.typed_forms import text

HERE = "203.0.113.9"
SET = "Größe Café 12"
TYPED = {
    "as it was set": SET,
    "with a line end": f"{SET}\r\n",
    "between spaces": f"  {SET}\xa0",
    "in decomposed form": unicodedata.normalize("NFD", SET),
    "full-width": "Größe　Café １２",
    "with a byte order mark": f"\ufeff{SET}",
    "with a soft hyphen": "Grö\xadße Café 12",
    "with a break of its line": "Größe\nCafé 12",
    "with directions around it": f"\u2068{SET}\u2069",
}
SPACES = st.text(st.sampled_from(" \t\r\n\xa0\u202f\u200b\ufeff\u2060\xad"), max_size=4)


def link_with(owner: User, password: str) -> tuple[ShareLink, str]:
    return shares.create([factories.film(owner)], shares.Terms(password=password), owner)


@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_a_password_opens_however_it_is_typed_or_pasted(
    alice: User, client: Client, typed: str
) -> None:
    _, token = link_with(alice, SET)
    address = reverse("shared", args=[token])
    assert client.post(address, {"password": typed}).status_code == 302
    # And the other way round: what was pasted when it was set.
    other, _ = link_with(alice, typed)
    assert shares.unlock(other, SET, HERE)


@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.parametrize(
    "typed", ["größe café 12", "Grosse Café 12", "GrößeCafé12", "Größe Cafe 12"]
)
def test_another_password_stays_another(alice: User, typed: str) -> None:
    link, _ = link_with(alice, SET)
    assert not shares.unlock(link, typed, HERE)


@given(st.text(), SPACES, SPACES)
def test_its_normal_form_is_one_form(password: str, before: str, after: str) -> None:
    once = shares.normal_form(password)
    assert shares.normal_form(once) == once
    assert shares.normal_form(f"{before}{password}{after}") == once
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert shares.normal_form(unicodedata.normalize(form, password)) == once


@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.parametrize(
    "password", ["7", "e\u0301", " 7 ", "\u200b7\u200b\u200b", "   ", "a\xadb", "1 2"]
)
def test_a_password_too_short_is_refused_when_it_is_set(
    alice: User, alice_client: Client, password: str
) -> None:
    film = factories.film(alice)
    fields = {"take": str(film.pk), "submission_key": str(uuid4()), "expires": "30"}
    answer = alice_client.post("/shares/new/", {**fields, "title": "Cut 3", "password": password})
    assert (answer.status_code, ShareLink.objects.exists()) == (422, False)
    assert "at least 4 characters. Spaces around it do not count." in text(answer)
    assert 'value="Cut 3"' in answer.content.decode()
    link, _ = link_with(alice, SET)
    alice_client.post(f"/shares/{link.pk}/", {"expires": "keep", "password": password})
    link.refresh_from_db()
    assert shares.unlock(link, SET, HERE)


@pytest.mark.django_db
@pytest.mark.data
def test_spaces_alone_are_no_guess(alice: User, client: Client) -> None:
    _, token = link_with(alice, SET)
    answer: Any = client.post(reverse("shared", args=[token]), {"password": " \u200b"})
    assert "Enter the password you were given." in text(answer)
    assert not LimitUse.objects.filter(limit=Limit.LINK_PASSWORDS.name).exists()
