"""Names are sorted, and told apart, as people do it, and the same on either database."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from jobs import letters, people
from jobs.models import Project, User
from tests.support import factories
from tests.support.racing import together
from tests.support.typed_forms import errors, text

NAMES = ["apple", "Arger", "Ärger", "argument", "Éclair", "eclipse", "Zebra", "zoo", "Мост", "नदी"]
ONE_NAME = ["Ärger", "ärger", "A\u0308rger", "ÄRGER", "  Ärger ", "Är\u200bger", "Ärger"]
AT_ONCE = ["Ärger", "ärger", "ÄRGER", "äRGER"]
data = pytest.mark.data
database = pytest.mark.django_db
races = pytest.mark.django_db(transaction=True)


@data
@database
def test_lists_go_by_name_in_any_case_with_marks_beside_their_letters(
    admin_client: Client, alice_client: Client
) -> None:
    for name in reversed(NAMES):
        Project.objects.create(name=name)
        User.objects.create_user(name)
    shown: Any = alice_client.get("/projects/").context["projects"]
    assert [project.name for project in shown] == NAMES
    shown = admin_client.get("/team/").context["people"]
    names = [row.user.username for row in shown]
    assert [name for name in names if name in NAMES] == NAMES
    for form, field in (("/team/audit/", "actor"), ("/usage/", "person"), ("/usage/", "project")):
        choices = dict(admin_client.get(form).context["form"].fields[field].choices)
        assert [label for label in choices.values() if label in NAMES] == NAMES


@data
@database
@pytest.mark.parametrize("name", ONE_NAME)
def test_no_two_projects_have_what_people_read_as_one_name(alice_client: Client, name: str) -> None:
    Project.objects.create(name="Ärger")
    answer = alice_client.post("/projects/", {"name": name})
    assert (answer.status_code, Project.objects.count()) == (422, 1)
    assert "already a project" in errors(answer, "name")
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.create(name=name)


@data
@database
def test_a_name_with_other_marks_is_another(alice_client: Client) -> None:
    for name in ("Arger", "Ärger", "Argér"):
        alice_client.post("/projects/", {"name": name})
    assert Project.objects.count() == 3


@data
@races
@pytest.mark.parametrize("what", ["project", "person"])
def test_of_those_who_take_one_name_at_once_all_but_one_are_told_at_the_field(
    admin: User, what: str
) -> None:
    clients = [Client() for _ in range(4)]
    if what == "project":
        paths, field = ["/projects/"] * 4, "name"
        for client in clients:
            client.force_login(admin)
    else:
        paths = [f"/join/{people.invite('member', admin)}/" for _ in range(4)]
        field = "username"
    new = {"password1": factories.PASSWORD, "password2": factories.PASSWORD}
    answers = together(4, lambda n: clients[n].post(paths[n], {**new, field: AT_ONCE[n]}))
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    told = [answer for answer in answers if "already" in text(answer)]
    assert [answer.status_code for answer in told] == [422] * 3  # type: ignore[union-attr]
    assert Project.objects.named("ärger").count() + User.objects.named("ärger").count() == 1


@data
@database
def test_people_sign_in_however_their_phone_writes_their_name(client: Client) -> None:
    User.objects.create_user("jürgen", password=factories.PASSWORD)
    for name in ("Jürgen", "JU\u0308RGEN", "ｊürgen"):
        answer = client.post("/login/", {"username": name, "password": factories.PASSWORD})
        assert answer.status_code == 302
        client.logout()
    answer = client.post("/login/", {"username": "jurgen", "password": factories.PASSWORD})
    assert answer.status_code == 200


@given(st.text(), st.text())
def test_the_order_of_names_is_that_of_their_letters(one: str, other: str) -> None:
    bare, key = letters.folded, letters.name_key
    if bare(one) < bare(other) and not bare(other).startswith(bare(one)):
        assert key(one) < key(other)
    assert (key(one) == key(other)) == (letters.settled(one) == letters.settled(other))
