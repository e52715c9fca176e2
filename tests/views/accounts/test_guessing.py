"""Guessing at passwords: held up before a hash is computed, and nobody else with it."""

from __future__ import annotations

import logging
import re
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs.limits import TooMany
from jobs.machine import threads
from jobs.models import AuditEvent, User
from jobs.net.floods import Limit
from jobs.people import sign_ins
from tests.support.factories import PASSWORD
from tests.support.limited import allow, later
from tests.support.racing import together
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

HELD_UP = "There were too many wrong passwords. Try again in"


def sign_in(
    client: Client, name: str = "alice", password: str = "wrong", address: str = "192.0.2.1"
) -> Any:
    return client.post("/login/", {"username": name, "password": password}, REMOTE_ADDR=address)


def guess(times: int, **where: Any) -> Any:
    """Wrong passwords, each from a browser without a past; the last answer."""
    return [sign_in(Client(), **where) for _ in range(times)][-1]


def known(client: Client) -> Client:
    """Another window of this browser, signed out."""
    other = Client()
    other.cookies = SimpleCookie({"known-browser": client.cookies["known-browser"].value})
    return other


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that a hash was computed of."""
    seen: list[str] = []
    encode = MD5PasswordHasher.encode

    def noting(self: MD5PasswordHasher, password: str, salt: str) -> str:
        seen.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", noting)
    return seen


# ── Held up ──────────────────────────────────────────────────────────────────
def test_after_five_wrong_ones_a_right_one_waits_and_nothing_is_computed(
    alice: User, hashed: list[str]
) -> None:
    assert guess(5).status_code == 200
    hashed.clear()
    answer = sign_in(Client(), "Alice", PASSWORD)
    assert (answer.status_code, hashed) == (429, [])
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert f"{HELD_UP} a minute" in text(answer)
    assert 'value="Alice"' in answer.content.decode()
    assert PASSWORD not in answer.content.decode()


@pytest.mark.parametrize("forged", ["203.0.113.{}", "198.51.100.7, 203.0.113.{}", "::{}"])
def test_an_address_that_somebody_makes_up_gives_no_new_tries(alice: User, forged: str) -> None:
    answers = [
        Client()
        .post(
            "/login/",
            {"username": "alice", "password": "wrong"},
            REMOTE_ADDR="192.0.2.1",
            headers={"X-Forwarded-For": forged.format(number)},
        )
        .status_code
        for number in range(6)
    ]
    assert answers == [*[200] * 5, 429]


@pytest.mark.parametrize("names", [("alice", "ALICE", "ａlice", " alice ", "Alice", "aLiCe")])
def test_one_name_in_many_ways_of_writing_it_is_one(alice: User, names: tuple[str, ...]) -> None:
    assert [sign_in(Client(), name).status_code for name in names][-1] == 429


def test_the_wait_grows_with_the_guesses() -> None:
    waits, attempt = [], sign_ins.Attempt("alice", "192.0.2.1", "192.0.2.1")
    for _ in range(110):
        try:
            sign_ins.begin(attempt)
        except TooMany as held_up:
            waits.append(held_up.seconds)
            later(held_up.seconds)
    assert max(waits[:3]) <= 60
    assert min(waits[18:25]) > 180
    assert waits[-1] > 1800


def test_many_guesses_at_once_are_no_more_than_one_after_another(
    transactional_db: None, hashed: list[str], settings: Any
) -> None:
    settings.WEB_THREADS = 20
    User.objects.create_user("alice", password=PASSWORD)
    hashed.clear()
    said = together(12, lambda _: sign_in(Client()).status_code)
    assert (said.count(200), said.count(429), len(hashed)) == (5, 7, 5)


def test_one_address_cannot_try_a_password_on_everybody(settings: Any, alice: User) -> None:
    allow(settings, Limit.SIGN_INS_OF_ADDRESS, "8/1h")
    answers = [sign_in(Client(), f"person{number}") for number in range(9)]
    assert [each.status_code for each in answers] == [*[200] * 8, 429]
    assert "from your network" in text(answers[-1])


def test_many_addresses_cannot_share_a_search(settings: Any, alice: User) -> None:
    allow(settings, Limit.SIGN_INS_OF_NAME, "8/1d")
    answers = [sign_in(Client(), address=f"192.0.2.{number}") for number in range(9)]
    assert [each.status_code for each in answers] == [*[200] * 8, 429]
    assert "Sign in where you have signed in before" in text(answers[-1])


def test_the_old_password_is_no_place_to_guess_it_either(
    alice_client: Client, hashed: list[str]
) -> None:
    new = dict.fromkeys(("new_password1", "new_password2"), "lantern sparrow nine")
    wrong = [alice_client.post("/password/", {"old_password": "no", **new}) for _ in range(6)]
    assert [each.status_code for each in wrong] == [*[200] * 5, 429]
    hashed.clear()
    answer = alice_client.post("/password/", {"old_password": PASSWORD, **new})
    assert (answer.status_code, PASSWORD in hashed) == (429, False)
    assert HELD_UP in text(answer)


# ── Nobody else ──────────────────────────────────────────────────────────────
def test_a_colleague_at_the_same_address_comes_in(alice: User, bob: User) -> None:
    assert guess(8).status_code == 429
    assert sign_in(Client(), "bob", PASSWORD).status_code == 302


def test_the_owner_comes_in_from_elsewhere(alice: User) -> None:
    assert guess(8).status_code == 429
    assert sign_in(Client(), password=PASSWORD, address="198.51.100.7").status_code == 302


@pytest.mark.parametrize("limit", [Limit.SIGN_INS_OF_ADDRESS, Limit.SIGN_INS_OF_NAME])
def test_where_they_have_signed_in_before_no_stranger_keeps_the_owner_out(
    settings: Any, alice: User, limit: Limit
) -> None:
    home = Client()
    sign_in(home, password=PASSWORD)
    allow(settings, limit, "4/1d")
    assert guess(8).status_code == 429
    assert sign_in(Client(), password=PASSWORD, address="192.0.2.1").status_code == 429
    assert sign_in(known(home), password=PASSWORD).status_code == 302


def test_guesses_in_a_known_browser_count_there_alone(alice: User) -> None:
    home = Client()
    sign_in(home, password=PASSWORD)
    other = known(home)
    assert [sign_in(other).status_code for _ in range(6)][-1] == 429
    assert sign_in(other, password=PASSWORD).status_code == 429
    assert sign_in(Client(), password=PASSWORD).status_code == 302


@pytest.mark.parametrize("whose", ["bob", "nobody", "made up"])
def test_the_mark_of_a_browser_is_for_one_account_and_made_by_us(
    alice: User, bob: User, whose: str
) -> None:
    browser = Client()
    sign_in(browser, "bob", PASSWORD)
    cookie = browser.cookies["known-browser"].value
    value = {"bob": cookie, "nobody": "", "made up": cookie[:-3] + "xyz"}[whose]
    guess(5)
    other = Client()
    other.cookies = SimpleCookie({"known-browser": value})
    assert sign_in(other, password=PASSWORD).status_code == 429


def test_the_mark_names_nobody_and_no_script_reads_it(alice: User) -> None:
    home = Client()
    sign_in(home, password=PASSWORD)
    cookie = home.cookies["known-browser"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "alice" not in cookie.value
    assert sign_in(known(home), "bob", PASSWORD).status_code == 200


def test_right_passwords_use_nothing_up(alice: User) -> None:
    assert {sign_in(Client(), password=PASSWORD).status_code for _ in range(7)} == {302}
    assert guess(5).status_code == 200


# ── Nothing is told ──────────────────────────────────────────────────────────
def test_a_name_that_nobody_has_is_answered_as_any_other(alice: User) -> None:
    def said(name: str) -> list[tuple[int, str]]:
        answers = [sign_in(Client(), name) for _ in range(7)]
        return [
            (each.status_code, re.sub(r'name="csrf\w+" value="\w+"', "", each.content.decode()))
            for each in answers
        ]

    assert said("alice") == [
        (code, page.replace("nobody", "alice")) for code, page in said("nobody")
    ]


def test_it_takes_the_same_work(alice: User, bob: User, hashed: list[str]) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    sign_in(Client(), "somebody")
    work = {}
    for name in ("alice", "bob", "nobody"):
        hashed.clear()
        with CaptureQueriesContext(connection) as asked:
            sign_in(Client(), name)
        work[name] = (len(hashed), [each["sql"].split()[0] for each in asked])
    assert work["alice"] == work["bob"] == work["nobody"]


# ── On record ────────────────────────────────────────────────────────────────
def test_who_comes_in_is_on_record_with_the_address(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "jobs.people.sign_ins"):
        sign_in(Client(), "ALICE", PASSWORD, "198.51.100.7")
    event = AuditEvent.objects.get(action="signed in")
    assert (event.actor, event.subject, event.after) == (alice, "alice", "from 198.51.100.7")
    assert "signed in: name=alice address=198.51.100.7 by=password" in caplog.messages


@pytest.mark.parametrize("times", [1, 30])
def test_a_flood_of_failures_is_logged_and_does_not_flood_the_audit(
    alice: User, caplog: pytest.LogCaptureFixture, times: int
) -> None:
    guess(times)
    failed = AuditEvent.objects.filter(actor=None, subject="alice", after="from 192.0.2.1")
    counts = {
        action: failed.filter(action=action).count()
        for action in ("sign-in failed", "sign-in held up")
    }
    assert counts == {1: {"sign-in failed": 1, "sign-in held up": 0}}.get(
        times, {"sign-in failed": 3, "sign-in held up": 3}
    )
    assert (
        len([line for line in caplog.messages if "name=alice address=192.0.2.1" in line]) == times
    )


def test_failures_of_the_whole_world_do_not_flood_the_audit(settings: Any, alice: User) -> None:
    allow(settings, Limit.NOTED_SIGN_INS_OF_ALL, "4/1d")
    for number in range(9):
        sign_in(Client(), f"person{number}", address=f"192.0.2.{number}")
    assert AuditEvent.objects.filter(action="sign-in failed").count() == 4


def test_a_password_in_the_field_for_the_name_is_written_down_nowhere(
    alice: User, admin_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(Client(), PASSWORD, "alice")
    assert PASSWORD not in caplog.text
    page = text(admin_client.get("/team/audit/"))
    assert "somebody not signed in Sign-in failed somebody unknown" in page
    assert PASSWORD not in page


def test_the_history_of_a_person_is_not_drowned_in_sign_ins(
    alice: User, admin_client: Client
) -> None:
    AuditEvent.objects.create(action="role changed", subject="alice", reason="For autumn")
    for _ in range(21):
        sign_ins.note_sign_in(alice, "192.0.2.1")
    assert "For autumn" in text(admin_client.get(f"/team/people/{alice.pk}/"))


def test_a_new_password_is_on_record(alice: User, alice_client: Client) -> None:
    new = dict.fromkeys(("new_password1", "new_password2"), "lantern sparrow nine")
    alice_client.post("/password/", {"old_password": PASSWORD, **new})
    assert AuditEvent.objects.get(action="password changed").actor == alice


# ── Floods that guess nothing ────────────────────────────────────────────────
def test_threads_are_left_to_pages_while_passwords_are_looked_at(
    alice: User, settings: Any
) -> None:
    settings.WEB_THREADS = 3
    with threads.one_for("passwords", spared=2):
        busy = sign_in(Client(), password=PASSWORD)
        assert "Many people are signing in at this moment." in text(busy)
        assert Client().get("/login/").status_code == 200
    assert sign_in(Client(), password=PASSWORD).status_code == 302


def test_signing_in_for_nothing_is_bounded_too(alice: User, bob: User, settings: Any) -> None:
    allow(settings, Limit.RIGHT_PASSWORDS, "2/1h")
    assert [sign_in(Client(), password=PASSWORD).status_code for _ in range(3)] == [302, 302, 429]
    assert sign_in(Client(), name="bob", password=PASSWORD).status_code == 302


def test_all_networks_that_a_customer_may_have_are_one_guesser(alice: User) -> None:
    for number in range(5):
        sign_in(Client(), address=f"2001:db8:1:{number:x}::1")
    assert HELD_UP in text(sign_in(Client(), address="2001:db8:1:ff::1"))
    assert HELD_UP not in text(sign_in(Client(), address="2001:db8:2::1"))
