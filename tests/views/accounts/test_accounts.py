"""Coming in: the first admin, signing in and out, passwords, the theme."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from jobs import ledger
from jobs.models import AuditEvent, LedgerEntry, User
from tests.support import factories
from tests.support.factories import PASSWORD
from tests.support.racing import together
from tests.support.typed_forms import HTMX, text

pytestmark = pytest.mark.django_db

FIRST = {
    "username": "ada",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "starting_credits": "2,000",
}
SIGN_IN = {"username": "alice", "password": PASSWORD}
EVIL = [
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "///evil.example",
    "javascript:alert(1)",
    "http:evil.example",
    " //evil.example",
]


# ── The first admin ──────────────────────────────────────────────────────────
def test_the_first_visitor_is_led_to_the_setup_page(client: Client) -> None:
    answer = client.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == "/setup/"


def test_setup_makes_an_admin_who_is_signed_in(client: Client) -> None:
    answer: Any = client.post("/setup/", FIRST, follow=True)
    assert answer.context["request"].user.is_admin
    assert answer.redirect_chain == [("/", 302)]


@pytest.mark.data
def test_setup_grants_the_starting_credits(client: Client) -> None:
    client.post("/setup/", FIRST)
    entry = LedgerEntry.objects.get(budget__owner__username="ada")
    assert entry.credits == 2000
    assert ledger.check() == []


@pytest.mark.data
def test_setup_without_credits_grants_none(client: Client) -> None:
    client.post("/setup/", {**FIRST, "starting_credits": "0"})
    assert User.objects.get().is_admin
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_setup_is_gone_once_there_is_anybody(client: Client, alice: User, method: str) -> None:
    answer = getattr(client, method)("/setup/", FIRST)
    assert (answer.status_code, User.objects.count()) == (404, 1)


def test_setup_says_at_the_field_what_is_wrong(client: Client) -> None:
    answer: Any = client.post("/setup/", {**FIRST, "password2": "another one"})
    assert answer.status_code == 422
    assert "match" in " ".join(answer.context["form"].errors["password2"])
    assert not User.objects.exists()


@pytest.mark.data
def test_setup_gives_no_more_rights_than_it_shows(client: Client) -> None:
    client.post("/setup/", {**FIRST, "is_superuser": "on", "is_staff": "on"})
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_up_at_once_one_becomes_admin() -> None:
    def set_up(number: int) -> int:
        return Client().post("/setup/", {**FIRST, "username": f"ada{number}"}).status_code

    assert sorted(map(str, together(2, set_up))) == ["302", "404"]
    assert User.objects.get().is_admin


def test_people_can_be_added_after_setup(client: Client) -> None:
    client.post("/setup/", FIRST)
    assert client.post("/team/invitations/", {"role": "member"}).status_code == 302
    link = re.search(r"/join/[\w-]{43}/", text(client.get("/team/invitations/")))
    assert link
    bob = {"username": "bob", "password1": PASSWORD, "password2": PASSWORD}
    assert Client().post(link[0], bob).status_code == 302
    assert AuditEvent.objects.get(action="person joined").subject == "bob"


# ── Signing in and out ───────────────────────────────────────────────────────
def test_a_person_signs_in_and_lands_in_the_studio(client: Client, alice: User) -> None:
    assert client.post("/login/", SIGN_IN).headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_person_lands_where_they_wanted_to_go(client: Client, alice: User) -> None:
    answer = client.post("/login/", {**SIGN_IN, "next": "/keys/?a=1"})
    assert answer.headers["Location"] == "/keys/?a=1"


@pytest.mark.parametrize("target", EVIL)
def test_signing_in_never_leads_to_another_host(client: Client, alice: User, target: str) -> None:
    answer = client.post(f"/login/?next={target}", {**SIGN_IN, "next": target})
    assert answer.headers["Location"] == "/"


def test_the_sign_in_page_does_not_repeat_a_foreign_address(client: Client, alice: User) -> None:
    assert b"evil" not in client.get("/login/?next=//evil.example").content


@pytest.mark.data
def test_a_wrong_password_and_an_unknown_name_read_the_same(client: Client, alice: User) -> None:
    wrong = text(client.post("/login/", {**SIGN_IN, "password": "wrong"}))
    unknown = text(client.post("/login/", {**SIGN_IN, "username": "nobody"}))
    assert "correct username and password" in wrong
    assert wrong == unknown


def test_a_password_that_was_typed_is_never_sent_back(client: Client, alice: User) -> None:
    answer = client.post("/login/", {**SIGN_IN, "password": "typed-by-mistake"})
    assert b"typed-by-mistake" not in answer.content


@pytest.mark.data
def test_a_deactivated_person_cannot_sign_in(client: Client, alice: User) -> None:
    User.objects.update(is_active=False)
    client.post("/login/", SIGN_IN)
    assert client.get("/").status_code == 302


@pytest.mark.data
def test_deactivating_ends_a_session_at_once(alice: User, alice_client: Client) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert alice_client.get("/").headers["Location"] == "/login/?next=/"


def test_the_session_gets_a_new_id_at_sign_in(client: Client, alice: User) -> None:
    session = client.session
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = before = session.session_key or ""
    client.post("/login/", SIGN_IN)
    assert client.session.session_key not in (None, before)


def test_the_session_cookie_is_out_of_reach_for_scripts(client: Client, alice: User) -> None:
    client.post("/login/", SIGN_IN)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_log_out_ends_the_session_on_the_server(alice_client: Client) -> None:
    stolen = SimpleCookie(alice_client.cookies.output(header=""))
    alice_client.post("/logout/")
    alice_client.cookies = stolen
    assert alice_client.get("/").headers["Location"] == "/login/?next=/"


def test_a_link_cannot_log_anybody_out(alice_client: Client) -> None:
    assert alice_client.get("/logout/").status_code == 405
    assert alice_client.get("/").status_code == 200


def test_who_is_signed_in_does_not_see_the_sign_in_page(alice_client: Client) -> None:
    assert alice_client.get("/login/").headers["Location"] == "/"


# ── A signed-out tab ─────────────────────────────────────────────────────────
@pytest.mark.parametrize("path", ["/", "/live/?since=0", "/keys/"])
def test_a_signed_out_tab_is_sent_away_whole(client: Client, alice: User, path: str) -> None:
    answer = client.get(path, headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/login/"
    assert b"password" not in answer.content


def test_a_signed_out_tab_cannot_submit(client: Client, alice: User) -> None:
    answer = client.post("/", {"prompt": "x"}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/login/"


def test_the_browser_keeps_no_page_of_a_signed_in_person(alice_client: Client) -> None:
    assert "no-store" in alice_client.get("/").headers["Cache-Control"]


# ── One's own password ───────────────────────────────────────────────────────
CHANGE = {
    "old_password": PASSWORD,
    "new_password1": "lantern sparrow nine",
    "new_password2": "lantern sparrow nine",
}


def test_a_new_password_works_and_the_old_one_does_not(alice: User, alice_client: Client) -> None:
    answer = alice_client.post("/password/", CHANGE, follow=True)
    assert "Your password has been changed." in text(answer)
    assert not Client().login(**SIGN_IN)
    assert Client().login(username="alice", password="lantern sparrow nine")


def test_a_new_password_ends_all_other_sessions(alice: User, alice_client: Client) -> None:
    other = factories.signed_in(alice)
    alice_client.post("/password/", CHANGE)
    assert other.get("/").headers["Location"] == "/login/?next=/"
    assert alice_client.get("/").status_code == 200


def test_a_wrong_old_password_changes_nothing(alice: User, alice_client: Client) -> None:
    answer: Any = alice_client.post("/password/", {**CHANGE, "old_password": "wrong"})
    assert "old_password" in answer.context["form"].errors
    assert Client().login(**SIGN_IN)


@pytest.mark.parametrize("weak", ["12345678", "alice", "password1"])
def test_a_weak_password_is_refused(alice: User, alice_client: Client, weak: str) -> None:
    alice_client.post("/password/", {**CHANGE, "new_password1": weak, "new_password2": weak})
    assert Client().login(**SIGN_IN)


# ── The theme ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_theme_stays_chosen(alice_client: Client, theme: str) -> None:
    alice_client.post("/theme/", {"theme": theme})
    assert f'data-theme="{theme}"' in alice_client.get("/").content.decode()


@pytest.mark.data
def test_without_a_theme_the_device_decides(alice: User, alice_client: Client) -> None:
    User.objects.update(theme="dark")
    alice_client.post("/theme/", {"theme": ""})
    assert "data-theme" not in alice_client.get("/").content.decode()


def test_an_invented_theme_is_ignored(alice: User, alice_client: Client) -> None:
    alice_client.post("/theme/", {"theme": '"><b>'})
    alice.refresh_from_db()
    assert alice.theme == ""


def test_choosing_a_theme_leads_back_to_the_page(alice_client: Client) -> None:
    answer = alice_client.post("/theme/", {"theme": "dark", "next": "/keys/?a=1"})
    assert answer.headers["Location"] == "/keys/?a=1"


@pytest.mark.parametrize("target", EVIL)
def test_choosing_a_theme_never_leads_to_another_host(alice_client: Client, target: str) -> None:
    answer = alice_client.post("/theme/", {"theme": "dark", "next": target})
    assert answer.headers["Location"] == "/"
