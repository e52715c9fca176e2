"""Over https our cookies have names that no other host, and no answer by plain http, can set."""

from __future__ import annotations

from http.cookies import Morsel
from typing import Any

import pytest
from django.test import Client

from jobs import shares
from jobs.models import User
from tests.support import factories
from tests.support.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.data]

SIGN_IN = {"username": "alice", "password": PASSWORD}


class Browser(Client):
    """Like a browser, but that it takes anything anybody sets."""

    def __init__(self, scheme: str, **told: Any) -> None:
        super().__init__(**told)
        self.way: dict[str, Any] = {"secure": scheme == "https"}

    def open(self, path: str, fields: dict[str, Any] | None = None) -> Any:
        return self.get(path, **self.way) if fields is None else self.post(path, fields, **self.way)

    def signs_in(self) -> Browser:
        self.open("/login/")
        assert self.open("/login/", SIGN_IN).status_code == 302
        return self


@pytest.fixture
def https() -> Browser:
    return Browser("https")


def held(cookie: Morsel[str]) -> tuple[Any, ...]:
    return tuple(cookie[of] for of in ("path", "domain", "httponly", "samesite"))


@pytest.mark.parametrize("public_url", ["", "https://dailies.example"])
def test_over_https_session_and_forms_go_by_names_of_this_host_alone(
    alice: User, settings: Any, public_url: str
) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = bool(public_url)
    browser = Browser("https").signs_in()
    cookies = {name: cookie for name, cookie in browser.cookies.items() if cookie.value}
    assert set(cookies) == {"__Host-sessionid", "__Host-csrftoken", "__Host-known-browser"}
    assert {held(cookie) for cookie in cookies.values()} == {("/", "", True, "Lax")}
    assert all(cookie["secure"] for cookie in cookies.values())
    assert browser.open("/").status_code == 200


def test_by_plain_http_they_go_by_names_that_a_browser_takes_there(alice: User) -> None:
    browser = Browser("http").signs_in()
    cookies = {name: cookie for name, cookie in browser.cookies.items() if cookie.value}
    assert set(cookies) == {"sessionid", "csrftoken", "known-browser"}
    assert not any(cookie["secure"] for cookie in cookies.values())
    assert {held(cookie) for cookie in cookies.values()} == {("/", "", True, "Lax")}


@pytest.mark.parametrize("name", ["sessionid", "__Secure-sessionid", "__Host-__Host-sessionid"])
def test_a_session_that_another_host_could_have_planted_is_not_read_over_https(
    alice: User, https: Browser, name: str
) -> None:
    https.cookies[name] = Browser("https").signs_in().cookies["__Host-sessionid"].value
    assert https.open("/").status_code == 302


def test_a_form_is_not_believed_for_a_token_that_another_host_could_have_planted(
    alice: User,
) -> None:
    browser = Browser("https", enforce_csrf_checks=True)
    token = "x" * 32
    browser.cookies["csrftoken"] = token
    answer = browser.post(
        "/login/",
        {**SIGN_IN, "csrfmiddlewaretoken": token},
        headers={"Referer": "https://testserver/login/"},
        secure=True,
    )
    assert answer.status_code == 403


def test_after_signing_out_over_https_the_browser_holds_no_session(
    alice: User, https: Browser
) -> None:
    out = https.signs_in().open("/logout/", {})
    (gone,) = (cookie for name, cookie in out.cookies.items() if "sessionid" in name)
    assert (gone.key, gone.value, gone["max-age"], bool(gone["secure"])) == (
        *("__Host-sessionid", "", 0),
        True,
    )


def test_the_pass_of_a_share_link_holds_for_its_path_and_came_by_https(
    alice: User, https: Browser
) -> None:
    _, token = shares.create([factories.film(alice)], shares.Terms(password="sesame"), alice)
    https.open(f"/s/{token}/", {"password": "sesame"})
    (cookie,) = https.cookies.values()
    assert cookie.key.startswith("__Secure-")
    assert held(cookie) == (f"/s/{token}/", "", True, "Lax")
    assert https.open(f"/s/{token}/").status_code == 200
    plain = Browser("https")
    plain.cookies[cookie.key.removeprefix("__Secure-")] = cookie.value
    assert plain.open(f"/s/{token}/").status_code == 200
    assert b"password" in plain.open(f"/s/{token}/").content


def test_a_secret_told_once_is_told_over_https_too(https: Browser) -> None:
    factories.admin("alice")
    https.signs_in().open("/team/invitations/", {"role": "member"})
    assert b"/join/" in https.open("/team/invitations/").content


def test_words_of_a_message_are_kept_on_the_server(alice: User, https: Browser) -> None:
    new = dict.fromkeys(("new_password1", "new_password2"), "lantern sparrow nine")
    https.signs_in().open("/password/", {"old_password": PASSWORD, **new})
    assert {name for name in https.cookies if "message" in name} == set()
    assert b"Your password has been changed." in https.open("/").content


@pytest.mark.parametrize("name", ["Rain", ""], ids=["taken", "shown again with what is wrong"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_answer_tells_the_script_of_the_page_that_sent_the_form(
    alice: User, scheme: str, name: str
) -> None:
    answer = Browser(scheme).signs_in().open("/projects/", {"name": name, "sending": "17"})
    assert answer.status_code == (302 if name else 422)
    cookie = answer.cookies["answered-17" if scheme == "http" else "__Host-answered-17"]
    assert held(cookie) == ("/", "", "", "Lax")
    assert bool(cookie["secure"]) == (scheme == "https")


@pytest.mark.parametrize(
    ("path", "sending"),
    [("/projects/", ""), ("/projects/", "1=2; sessionid"), ("/projects/999/", "17")],
    ids=["no number", "no number of ours", "not there any more"],
)
def test_no_other_answer_does(alice: User, path: str, sending: str) -> None:
    browser = Browser("http").signs_in()
    answer = browser.open(path, {"name": "Rain", "sending": sending})
    assert not [name for name in answer.cookies if "answered" in name]


def test_nor_one_to_somebody_whose_session_has_ended(client: Client) -> None:
    answer = client.post("/projects/", {"name": "Rain", "sending": "17"})
    assert answer.status_code == 302
    assert not [name for name in answer.cookies if "answered" in name]
