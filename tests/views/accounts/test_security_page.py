"""The page on which people see where they are signed in, and end it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs import sessions
from jobs.models import AuditEvent, Session, User
from tests.support import factories
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db

PAGE, END = "/security/", "/security/sessions/end/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def laptop(alice: User) -> Client:
    return signed_in(alice, FIREFOX, "203.0.113.9")


@pytest.fixture
def phone(alice: User) -> Client:
    return signed_in(alice, IPHONE, "2001:db8::7")


def signed_in(user: User, agent: str, address: str) -> Client:
    browser = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    browser.force_login(user)
    factories.proved(browser, user)
    browser.get("/projects/")
    return browser


def key_of(browser: Client) -> str:
    return sessions.hashed(browser.cookies["sessionid"].value)


def is_in(browser: Client) -> bool:
    return browser.get("/projects/").status_code == 200


@pytest.mark.data
def test_it_lists_where_one_is_signed_in_with_this_browser_first(
    laptop: Client, phone: Client, bob: User
) -> None:
    signed_in(bob, "curl/8", "198.51.100.1")
    page = text(laptop.get(PAGE))
    here, there = page.index("Firefox on Linux This browser"), page.index("Mobile Safari on iOS")
    assert here < there
    assert "From 203.0.113.9" in page
    assert "From 2001:db8::7" in page
    assert "198.51.100.1" not in page


def test_no_page_has_the_id_that_a_cookie_has(laptop: Client, phone: Client) -> None:
    page: Any = laptop.get(PAGE)
    for browser in (laptop, phone):
        assert browser.cookies["sessionid"].value not in page.content.decode()


def test_one_other_session_is_ended(laptop: Client, phone: Client) -> None:
    answer = laptop.post(END, {"session": key_of(phone)}, follow=True)
    assert "You are signed out there." in text(answer)
    assert (is_in(laptop), is_in(phone)) == (True, False)


def test_all_others_are_ended_and_this_one_goes_on(
    alice: User, laptop: Client, phone: Client, bob: User
) -> None:
    third, of_bob = signed_in(alice, "", ""), signed_in(bob, FIREFOX, "203.0.113.9")
    answer = laptop.post(END, follow=True)
    assert "You are signed out in 2 other browsers." in text(answer)
    assert [is_in(each) for each in (laptop, phone, third, of_bob)] == [True, False, False, True]
    event = AuditEvent.objects.get(action="signed out")
    assert (event.actor, event.subject, event.after) == (alice, "alice", "2 sessions ended")


@pytest.mark.data
@pytest.mark.parametrize("which", ["somebody else's", "made up", "this"])
def test_nothing_else_is_ended(laptop: Client, bob: User, which: str) -> None:
    of_bob = signed_in(bob, FIREFOX, "203.0.113.9")
    keys = {"somebody else's": key_of(of_bob), "made up": "x\x00" * 20, "this": key_of(laptop)}
    assert laptop.post(END, {"session": keys[which]}).status_code == 302
    assert (is_in(laptop), is_in(of_bob), Session.objects.count()) == (True, True, 2)


def test_where_there_is_no_other_there_is_nothing_to_end(laptop: Client) -> None:
    assert "Sign out everywhere else" not in text(laptop.get(PAGE))


def test_how_long_one_stays_signed_in_is_said(laptop: Client, settings: Any) -> None:
    settings.SESSION_IDLE_HOURS, settings.SESSION_DAYS = 1.5, 3
    said = text(laptop.get(PAGE))
    assert "for 3 days at most, and until nothing was done for 1.5 hours" in said


# ── By an admin ──────────────────────────────────────────────────────────────
def test_an_admin_signs_somebody_out_everywhere_with_a_reason(
    alice: User, laptop: Client, phone: Client, admin: User, admin_client: Client
) -> None:
    page = f"/team/people/{alice.pk}/"
    assert "Signed in with 2 browsers." in text(admin_client.get(page))
    without = admin_client.post(f"{page}sign-out/", {"reason": " "})
    assert (without.status_code, is_in(laptop)) == (422, True)
    answer = admin_client.post(f"{page}sign-out/", {"reason": "Lost laptop"}, follow=True)
    assert "is signed out everywhere and can sign in again" in text(answer)
    assert [is_in(each) for each in (laptop, phone, admin_client)] == [False, False, True]
    event = AuditEvent.objects.get(action="signed out")
    assert (event.actor, event.subject, event.reason) == (admin, "alice", "Lost laptop")
    assert "Not signed in anywhere." in text(admin_client.get(page))
    assert Client().login(username="alice", password=factories.PASSWORD)


def test_nobody_signs_themselves_out_as_an_admin(admin: User, admin_client: Client) -> None:
    answer = admin_client.post(f"/team/people/{admin.pk}/sign-out/", {"reason": "x"})
    assert (answer.status_code, is_in(admin_client)) == (422, True)
