"""Signing in through a library: what of it can be reached, and what stays as it was."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from jobs.models import User
from tests.support.factories import PASSWORD
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db

OURS = {
    *("account_login", "account_reauthenticate"),
    *("mfa_authenticate", "mfa_login_webauthn", "mfa_reauthenticate"),
    *("mfa_reauthenticate_webauthn", "mfa_activate_totp", "mfa_deactivate_totp"),
    *("mfa_add_webauthn", "mfa_remove_webauthn"),
    *("mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
}
"""The names of allauth's that lead to pages of ours."""
CLOSED = ["/signup/", "/accounts/signup/", "/email/", "/confirm-email/", "/inactive/"]


def test_no_page_of_the_library_is_reached_by_accident() -> None:
    names = {key for key in get_resolver().reverse_dict if isinstance(key, str)}
    assert {name for name in names if name.startswith(("account_", "mfa_", "social"))} == OURS


@pytest.mark.parametrize("path", CLOSED)
def test_nobody_signs_up_by_themselves(client: Client, alice: User, path: str) -> None:
    answer = client.post(path, {"username": "eve", "password1": PASSWORD, "password2": PASSWORD})
    assert (answer.status_code, User.objects.count()) == (404, 1)
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


@pytest.mark.data
@pytest.mark.parametrize("typed", ["ALICE", "  Alice ", "ａｌｉｃｅ"])
def test_a_name_is_found_as_people_type_it(client: Client, alice: User, typed: str) -> None:
    answer = client.post("/login/", {"username": typed, "password": PASSWORD})
    assert answer.headers["Location"] == "/"


def test_the_name_that_was_typed_comes_back(client: Client, alice: User) -> None:
    answer = client.post("/login/", {"username": "Álice’s", "password": "wrong"})
    assert (answer.status_code, 'value="Álice’s"' in answer.content.decode()) == (200, True)


def test_the_way_on_survives_a_wrong_password(client: Client, alice: User) -> None:
    wrong = {"username": "alice", "password": "wrong", "next": "/keys/?a=1"}
    page = client.post("/login/?next=/keys/%3Fa%3D1", wrong).content.decode()
    assert '<input type="hidden" name="next" value="/keys/?a=1">' in page


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_the_sign_in_page_answers_programs_as_it_does_people(
    client: Client, alice: User, accept: str
) -> None:
    headers = {"X-Requested-With": "XMLHttpRequest", "Accept": accept}
    answer = client.post("/login/", {"username": "alice", "password": "no"}, headers=headers)
    assert "correct username and password" in text(answer)
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_new_password_changes_nothing_else_of_a_person(alice: User, alice_client: Client) -> None:
    page = alice_client.get("/password/")
    User.objects.update(theme="dark")
    new = {
        "old_password": PASSWORD,
        **dict.fromkeys(("new_password1", "new_password2"), "lantern sparrow nine"),
    }
    assert (page.status_code, alice_client.post("/password/", new).status_code) == (200, 302)
    found = authenticate(username="alice", password="lantern sparrow nine")
    assert isinstance(found, User)
    assert found.theme == "dark"
