"""What stands in the sessions' table opens no session, and an ended one is ended everywhere."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from jobs.models import User
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def browser(alice: User) -> Client:
    return factories.signed_in(alice)


def id_of(browser: Client) -> str:
    return browser.cookies["sessionid"].value


def test_the_id_in_the_cookie_is_not_in_the_table(browser: Client) -> None:
    assert Session.objects.get().session_key != id_of(browser)


def test_the_key_in_the_table_opens_nothing(browser: Client, client: Client) -> None:
    client.cookies["sessionid"] = Session.objects.get().session_key
    assert client.get("/").status_code == 302


def test_a_session_goes_on_from_request_to_request(browser: Client) -> None:
    assert [browser.get("/projects/").status_code for _ in range(2)] == [200, 200]
    assert Session.objects.count() == 1


def test_a_logged_out_session_is_gone(browser: Client, client: Client) -> None:
    stolen = id_of(browser)
    browser.post("/logout/")
    client.cookies["sessionid"] = stolen
    assert client.get("/").status_code == 302
    assert not Session.objects.exists()


def test_a_new_password_ends_the_other_sessions(browser: Client, alice: User) -> None:
    other = factories.signed_in(alice)
    new = {"new_password1": "a wholly new phrase", "new_password2": "a wholly new phrase"}
    browser.post("/password/", {"old_password": factories.PASSWORD, **new})
    assert (browser.get("/").status_code, other.get("/").status_code) == (200, 302)


def test_an_id_that_somebody_made_up_is_never_used(client: Client, alice: User) -> None:
    client.cookies["sessionid"] = "a" * 32
    client.post("/login/", {"username": "alice", "password": factories.PASSWORD})
    assert id_of(client) != "a" * 32
    assert client.get("/").status_code == 200
