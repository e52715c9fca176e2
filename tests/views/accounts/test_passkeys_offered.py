"""Passkeys are offered where browsers have them, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs.models import User
from tests.support.pages import second_factors
from tests.support.pages.second_factors import STEP, half_way
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db

WORKS = [
    *(("localhost:8000", False), ("dailies.localhost", False)),
    *(("films.example", True), ("localhost", True)),
]
WORKS_NOT = [
    *(("127.0.0.1:8000", False), ("192.168.1.4", True), ("[::1]:8000", False), ("[::1]", True)),
    *(("films.example", False), ("studio:8000", False), ("notlocalhost", False)),
]
BUTTONS = "Sign in with a passkey", "Add a passkey", 'id="add-passkey"'


@pytest.fixture(autouse=True)
def any_host(settings: Any, alice_client: Client) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    # As over https it is called.
    alice_client.cookies["__Host-sessionid"] = alice_client.cookies["sessionid"].value


def offered(client: Client, host: str, secure: bool) -> list[bool]:
    where: dict[str, Any] = {"secure": secure, "headers": {"Host": host}}
    pages = "/security/", "/security/passkeys/add/"
    first = Client().get("/login/", **where).content.decode()
    shown = [first, *(client.get(path, **where).content.decode() for path in pages)]
    return [
        button in html.replace('Add<span class="sr"> a', "Add a")
        for button, html in zip(BUTTONS, shown, strict=True)
    ]


@pytest.mark.parametrize(("host", "secure"), WORKS)
def test_they_are_offered_over_https_and_on_ones_own_machine(
    alice_client: Client, host: str, secure: bool
) -> None:
    assert offered(alice_client, host, secure) == [True] * 3


@pytest.mark.parametrize(("host", "secure"), WORKS_NOT)
def test_nothing_is_offered_where_no_browser_has_them_and_it_is_said_why(
    alice_client: Client, host: str, secure: bool
) -> None:
    assert offered(alice_client, host, secure) == [False] * 3
    page = alice_client.get("/security/", secure=secure, headers={"Host": host})
    assert "Works only over https, or at http://localhost" in text(page)


def test_whoever_has_a_passkey_alone_is_asked_for_it_first_and_for_no_app(alice: User) -> None:
    second_factors.passkey(alice)
    page = half_way().get(STEP, headers={"Host": "localhost"})
    said = text(page)
    assert said.index("Use a passkey") < said.index("Recovery code")
    assert "authenticator app" not in said


def test_the_second_step_says_where_a_passkey_would_work(alice: User) -> None:
    second_factors.passkey(alice)
    said = text(half_way().get(STEP))
    assert "Your passkey works only over https, or at http://localhost." in said
    assert "Use a passkey" not in said


def test_whoever_has_both_is_asked_for_the_code_first(alice: User, app: str) -> None:
    second_factors.passkey(alice)
    said = text(half_way().get(STEP, headers={"Host": "localhost"}))
    assert said.index("From your authenticator app") < said.index("Use a passkey")
