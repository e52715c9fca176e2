"""People have names of any script, and nobody can be taken for somebody else."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from jobs import letters, people
from jobs.models import User
from tests.support.factories import PASSWORD
from tests.support.typed_forms import errors

REAL = [
    *("प्रिया", "நிலா", "নীলা", "Мария", "Оксана", "Θεόδωρος", "مريم", "علی\u200cرضا", "שירה"),
    *("ශ්\u200dරියා", "นภา", "田中まり", "テスト太郎", "김민준", "ნინო", "Հայկ", "መልካሙ", "Nguyễn"),
    *("O’Brien", "Мар’яна", "བསྟན་འཛིན", "ז׳בוטינסקי", "רמב״ם", "محـــمود"),
    *("O.Ł-ucja_9", "alice.смирнова", "田中alice", "josé@studio", "علي٣"),
]
MIXED = [
    "аlice",
    "αlice",
    "pаypal",
    "mаra.kessler",
    "Аda",
    "aliсе",
    "عlice",
    "Αda",
    "adaд",
    "x.оk-noк",
]
MISSPELLED = [
    "Ka ty",
    "a<b",
    "'neil",
    "neil’",
    "o''neil",
    "o.'neil",
    "a་b",
    "་བསྟན",
    "a״b",
    "״רמב",
    "ـعلي",
    "al\u200bice",
    "al\u200dice",
    "\u0301ada",
    "a.\u0301b",
    "a/b",
    "🙂",
]
LOOK_ALIKE = [
    *(("coco", "сосо"), ("coco", "СОСО"), ("mara", "rnara"), ("paul", "pau1"), ("paul", "pauI")),
    *(
        ("alice", "ɑlice"),
        ("oscar", "0scar"),
        ("bob", "ЬоЬ"),
        ("ida", "ıda"),
        ("ρο", "po"),
    ),
    *(("apple", "аррӏе"), ("coal", "соаӏ"), ("coal", "соаӀ"), ("lan", "Ian"), ("Ilse", "llse")),
    *(("سينا", "سینا"), ("على", "علی"), ("كريم", "کريم"), ("ملك", "ملڪ")),
    ("هدى", "ہدى"),
]
TWO_PEOPLE = [("Lara", "Iara"), ("Ian", "Lan"), ("Lisa", "1isa"), ("PAUL", "PAUI"), ("ian", "lan")]
KEPT = [
    *(("ju\u0308rgen", "jürgen"), (" ａnna\u200b", "anna"), ("O'Hara", "O’Hara")),
    *(("jean\u2010luc", "jean-luc"), ("anne\u2011marie", "anne-marie")),
]
NEW = {"password1": PASSWORD, "password2": PASSWORD}
db = pytest.mark.django_db
data = pytest.mark.data


def join(by: User, name: str) -> Any:
    """What somebody is answered who was invited, and chooses this name."""
    return Client().post(f"/join/{people.invite('member', by)}/", {**NEW, "username": name})


@data
@db
@pytest.mark.parametrize("name", REAL)
def test_a_name_of_any_script_is_let_in(admin: User, name: str) -> None:
    assert join(admin, name).status_code == 302
    assert Client().login(username=name, password=PASSWORD)


@data
@db
@pytest.mark.parametrize(("typed", "kept"), KEPT)
def test_a_name_is_kept_in_one_form(admin: User, typed: str, kept: str) -> None:
    join(admin, typed)
    assert User.objects.filter(username=kept).exists()


@data
@db
@pytest.mark.parametrize(
    ("names", "why"), [(MIXED, "letters in one word"), (MISSPELLED, "Use only letters")]
)
def test_a_name_that_could_be_another_or_is_none_is_refused_with_the_reason(
    admin: User, names: list[str], why: str
) -> None:
    for name in names:
        answer = join(admin, name)
        assert answer.status_code == 422
        assert why in errors(answer, "username"), name
        with pytest.raises(CommandError, match=why):
            call_command("createsuperuser", username=name, email="", interactive=False)
    assert User.objects.count() == 1


@data
@db
def test_the_first_name_of_an_installation_is_looked_at_too(client: Client) -> None:
    answer = client.post("/setup/", {**NEW, "username": "аdmin", "starting_credits": "0"})
    assert (answer.status_code, User.objects.count()) == (422, 0)
    assert "Cyrillic and Latin" in errors(answer, "username")


@data
@db
@pytest.mark.parametrize(("name", "other"), LOOK_ALIKE)
def test_nobody_is_let_in_who_looks_like_somebody(admin: User, name: str, other: str) -> None:
    User.objects.create_user(name)
    answer = join(admin, other)
    assert (answer.status_code, User.objects.count()) == (422, 2)
    assert "looks like" in errors(answer, "username")
    with pytest.raises(CommandError, match="looks like"):
        call_command("createsuperuser", username=other, email="", interactive=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        User(username=other).save(force_insert=True)


@data
@db
@pytest.mark.parametrize(("name", "other"), TWO_PEOPLE)
def test_who_only_shares_the_other_case_of_a_letter_is_let_in(
    admin: User, name: str, other: str
) -> None:
    for each in (name, other):
        assert join(admin, each).status_code == 302
    # Either is one name in any case all the same.
    assert errors(join(admin, name.swapcase()), "username") == User.NAME_TAKEN


@data
@db
def test_a_command_takes_a_name_as_any_keyboard_writes_it() -> None:
    for typed, kept in (("d'Arc", "d’Arc"), ("ann\u2010lis", "ann-lis")):
        call_command("createsuperuser", username=typed, email="", interactive=False)
        assert User.objects.named(typed).get().username == kept


@given(st.text(st.characters(categories=["L", "M", "Nd"]), max_size=12))
def test_a_name_in_its_one_form_stays_so_and_looks_like_itself(text: str) -> None:
    name = letters.as_name(text)
    assert letters.as_name(name) == name
    assert letters.look(unicodedata.normalize("NFD", name)) == letters.look(name)
