"""What comes first: a list that ticks itself by what is there, for admins the team's."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs import ledger, people
from jobs.models import Credential, Team, User
from tests.support import factories

pytestmark = pytest.mark.django_db


def steps(client: Client, path: str = "/") -> dict[str, bool] | None:
    """Each step, and whether it is ticked; None where there is no list."""
    answer: Any = client.get(path)
    found = answer.context.get("first_steps")
    assert ("Getting started" in answer.content.decode()) == (found is not None)
    return {step.title: step.is_done for step in found.steps} if found else None


def test_an_admins_list_ticks_itself_until_all_is_there(admin: User, admin_client: Client) -> None:
    Credential.objects.all().delete()
    todo = dict.fromkeys(("Add a key", "Set a budget", "Invite somebody", "Make a video"), False)
    assert steps(admin_client) == todo
    ledger.set_team_cap(500, reason="x", actor=admin)
    assert steps(admin_client) == todo | {"Set a budget": True}
    people.invite("member", admin)
    factories.credential(admin, "kie")
    bare = todo | {"Set a budget": True, "Invite somebody": True, "Add a key": True}
    assert steps(admin_client) == bare
    factories.succeeded(factories.member("carol", credits=100))
    assert steps(admin_client) is None


def test_a_member_has_their_own_and_a_key_only_where_the_team_has_none(
    admin: User, admin_client: Client
) -> None:
    carol = factories.person("carol", "member")
    client = factories.signed_in(carol)
    Credential.objects.all().delete()
    assert steps(client) == dict.fromkeys(("Add a key", "Get credits", "Make a video"), False)
    factories.credential(None, "kie")
    ledger.grant(carol, 100, reason="x", actor=admin)
    assert steps(client) == {"Get credits": True, "Make a video": False}
    factories.succeeded(carol)
    assert steps(client) is None


def test_waved_away_by_one_admin_it_is_gone_for_all_and_for_no_member(
    admin_client: Client, alice_client: Client, bob: User
) -> None:
    other = factories.signed_in(factories.admin("eve"))
    assert steps(other)
    assert admin_client.post("/first-steps/dismiss/").headers["Location"] == "/"
    assert (steps(admin_client), steps(other)) == (None, None)
    assert Team.current().hides_first_steps
    assert steps(alice_client)
    alice_client.post("/first-steps/dismiss/")
    assert steps(alice_client) is None
    assert steps(factories.signed_in(bob))


@pytest.mark.data
@pytest.mark.parametrize("query", ["q=fox", "tab=ready", "rating=3", "scope=me"])
def test_who_looks_for_something_is_not_shown_it(admin_client: Client, query: str) -> None:
    assert steps(admin_client, f"/?{query}") is None
