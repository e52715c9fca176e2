"""A password is refused only for being easy to guess, and kept so that a stolen copy is not."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from argon2 import low_level
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from jobs.models import Team, User
from jobs.secrets import hashers
from tests.support import factories
from tests.support.racing import together
from veo_site import settings as product

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(settings: Any) -> User:
    """Of a team and at an address with names of their own."""
    Team(pk=1, name="Nordlicht Studio").save(force_insert=True)
    settings.CSRF_TRUSTED_ORIGINS = ["https://clips.brennweite.example:8443"]
    return User(username="anna.köhler", email="ak@filmhof.example")


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Argon2 as in production, in a hundredth of the time."""
    monkeypatch.setattr(hashers.Argon2PasswordHasher, "memory_cost", 8)
    monkeypatch.setattr(hashers.Argon2PasswordHasher, "time_cost", 1)
    settings.PASSWORD_HASHERS = product.PASSWORD_HASHERS


def reasons(password: str, user: User) -> str:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@pytest.mark.parametrize(
    "password",
    [
        *("password1", "Sunshine", "qwertyuiop", "iloveyou", "1q2w3e4r"),
        *("Sunshine2026!", "!!dragon1987!!", "2026-princess", "123football123"),
    ],
)
def test_what_leaked_most_often_is_refused_whatever_stands_around_it(
    anna: User, password: str
) -> None:
    assert "leaked" in reasons(password, anna)


@pytest.mark.data
@pytest.mark.parametrize(
    "password",
    [
        *("Dailies2026!", "d4ilie$-2027", "DAILIES.dailies", "kie/veo4-2026"),
        *("NordlichtStudio1", "n0rdlicht_2026", "Studio.Nordlicht!", "xNORDLICHT99"),
        *("brennweite#1", "Clips.Brennweite.26", "anna-Kohler-26", "KÖHLER köhler", "filmhof2026"),
        *("admin-team-26", "Welcome.Member1", "ＤＡＩＬＩＥＳ２０２６"),
    ],
)
def test_names_known_here_are_refused_in_any_case_with_any_decoration(
    anna: User, password: str
) -> None:
    assert "known here" in reasons(password, anna)


@pytest.mark.parametrize("password", ["short7!", "19840715", "20260101202601"])
def test_what_is_soon_tried_through_is_refused(anna: User, password: str) -> None:
    assert reasons(password, anna)


@pytest.mark.parametrize(
    "password",
    [
        *("correct horse battery", "tangerine umbrella", "lowercaseonlyhere", "UPPERCASEONLYHERE"),
        *(
            "the dailies of last autumn",
            "Nordlicht, whale and pepper",
            "x7#kQ9!p",
            "  leading space",
        ),
        *(
            "пятнадцать сов",
            "密碼很長很長很長",
            "🦉🦉 owls at noon",
            "731904662815907",
            "a" * 7 + "b" * 93,
        ),
    ],
)
def test_anything_else_is_taken_whatever_it_is_made_of(anna: User, password: str) -> None:
    assert reasons(password, anna) == ""


def test_an_installation_can_ask_for_longer_ones_and_not_for_shorter_ones() -> None:
    (length,) = [each for each in product.AUTH_PASSWORD_VALIDATORS if "OPTIONS" in each]
    assert length["OPTIONS"]["min_length"] == product.PASSWORD_LENGTH_MIN == 8


def test_the_field_says_what_is_asked_for_before_anybody_types(client: Client) -> None:
    page = client.get("/setup/").content.decode()
    assert "15 or more are much safer" in page
    assert "known here" in page
    assert "similar" not in page


@pytest.mark.data
@pytest.mark.parametrize("password", ["anna.koehler", "Köhler-anna.1", "ak@filmhoff.exmple"])
def test_ones_own_name_in_another_spelling_is_refused(anna: User, password: str) -> None:
    assert reasons(password, anna)


def test_the_reason_stands_at_the_field(client: Client) -> None:
    typed = {"password1": "Dailies2026!", "password2": "Dailies2026!"}
    answer = client.post("/setup/", {"username": "ada", "starting_credits": "0", **typed})
    assert answer.status_code == 422
    assert "little more than words that are known here" in answer.content.decode()


@pytest.mark.usefixtures("cheap")
def test_no_letter_of_a_long_password_is_left_out(alice: User) -> None:
    alice.set_password("owl " * 60 + "noon")
    assert alice.check_password("owl " * 60 + "noon")
    assert not alice.check_password("owl " * 60 + "nooN")


@pytest.mark.data
@pytest.mark.usefixtures("cheap")
def test_a_password_from_before_moves_to_argon2_at_the_next_sign_in(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 10)
    alice = factories.member("alice")
    older = make_password(factories.PASSWORD, hasher="pbkdf2_sha256")
    User.objects.filter(pk=alice.pk).update(password=older)
    assert client.login(username="alice", password=factories.PASSWORD)
    alice.refresh_from_db()
    assert alice.password.startswith("argon2$argon2id$")
    assert alice.check_password(factories.PASSWORD)


@pytest.mark.usefixtures("cheap")
def test_however_many_sign_in_at_once_two_hashes_are_computed_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running: list[int] = []
    most: list[int] = []
    real, a_moment = low_level.hash_secret, threading.Event()

    def watched(*args: Any, **kwargs: Any) -> bytes:
        running.append(1)
        most.append(len(running))
        a_moment.wait(0.01)
        running.pop()
        return real(*args, **kwargs)

    monkeypatch.setattr(low_level, "hash_secret", watched)
    together(8, lambda number: make_password(f"password of {number}"))
    assert (len(most), max(most)) == (8, hashers.AT_ONCE)


def test_a_hash_costs_what_owasp_asks_for_and_at_most_half_of_djangos_memory() -> None:
    first = hashers.Argon2PasswordHasher().params()
    assert product.PASSWORD_HASHERS[0] == "jobs.secrets.hashers.Argon2PasswordHasher"
    assert 19 * 1024 <= first.memory_cost <= 50 * 1024
    assert first.time_cost >= 2
