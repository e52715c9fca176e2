"""Guessing at codes of a second step, and somebody else at the machine where one is asked for."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.test import Client

from jobs.models import AuditEvent, User
from jobs.net.floods import Limit
from tests.support.factories import PASSWORD
from tests.support.limited import allow
from tests.support.pages.second_factors import (
    STEP,
    code,
    forget_last_use,
    half_way,
    is_in,
    set_up_app,
)
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_guesses_are_limited_and_the_owner_is_told_until_when(app: str, settings: Any) -> None:
    got = [half_way().post(STEP, {"code": f"{number:06}"}).status_code for number in range(10)]
    assert got == [422] * 10
    answer = half_way().post(STEP, {"code": code(app)})
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert "too many wrong codes" in text(answer)
    failed = AuditEvent.objects.filter(action="sign-in failed", subject="alice")
    assert 0 < failed.count() <= 3


def guess(client: Client, address: str, times: int = 10, path: str = STEP) -> list[int]:
    """Wrong codes from there; the answers."""
    return [
        client.post(path, {"code": f"{number:06}"}, REMOTE_ADDR=address).status_code
        for number in range(times)
    ]


def known(client: Client) -> Client:
    """A browser with this one's past, where nobody is signed in."""
    other = Client()
    other.cookies = SimpleCookie({"known-browser": client.cookies["known-browser"].value})
    return other


def test_who_knows_the_password_holds_up_nobody_but_themselves(alice: User, app: str) -> None:
    browser = half_way()
    browser.post(STEP, {"code": code(app)})
    forget_last_use(alice)
    stranger = half_way()
    assert guess(stranger, "192.0.2.66")[-1] == 422
    assert guess(stranger, "192.0.2.66", 1) == [429]
    answers = [
        browser.post("/confirm/code/", {"code": code(app)}),
        half_way(known(browser)).post(STEP, {"code": code(app, 1)}, REMOTE_ADDR="192.0.2.66"),
    ]
    assert [each.status_code for each in answers] == [302, 302]
    forget_last_use(alice)
    assert half_way().post(STEP, {"code": code(app)}, REMOTE_ADDR="192.0.2.5").status_code == 302


def test_guesses_from_very_many_addresses_stop_and_the_owners_browser_goes_on(
    alice_client: Client, settings: Any
) -> None:
    allow(settings, Limit.CODES_OF_PERSON, "3/1d")
    _, codes = set_up_app(alice_client)
    owner = half_way()
    owner.post(STEP, {"code": codes[0]})
    got = [guess(half_way(), f"192.0.2.{number}", 1)[0] for number in range(5)]
    assert got == [422, 422, 422, 429, 429]
    held_up = half_way().post(STEP, {"code": codes[1]}, REMOTE_ADDR="192.0.2.77")
    assert "many places" in text(held_up)
    assert half_way(known(owner)).post(STEP, {"code": codes[1]}).status_code == 302


def test_wrong_codes_of_somebody_signed_in_are_limited_and_on_record(
    alice: User, alice_client: Client
) -> None:
    _, codes = set_up_app(alice_client)
    assert guess(alice_client, "192.0.2.1", 11, "/confirm/code/") == [*[422] * 10, 429]
    assert alice_client.post("/confirm/code/", {"code": codes[0]}).status_code == 429
    assert AuditEvent.objects.filter(action="wrong code", actor=alice).count() == 3


# ── Somebody else at the same machine ────────────────────────────────────────
def test_the_page_of_the_second_step_leads_to_the_sign_in_of_somebody_else(
    app: str, admin: User
) -> None:
    client = half_way()
    assert client.get("/login/").headers["Location"] == STEP
    assert '<form class="form after" method="post" action="/login/">' in (
        client.get(STEP).content.decode()
    )
    assert client.post("/login/").headers["Location"] == "/login/"
    assert "Sign in to Dailies" in text(client.get("/login/"))
    assert client.post(STEP, {"code": code(app)}).headers["Location"] == "/login/"
    client.post("/login/", {"username": "ada", "password": PASSWORD})
    assert "ada" in text(client.get("/security/"))


def test_a_name_typed_in_another_tab_is_not_asked_for_the_code_of_somebody_else(
    app: str, admin: User
) -> None:
    client = half_way()
    client.post("/login/", {"username": "ada", "password": PASSWORD})
    assert is_in(client)
