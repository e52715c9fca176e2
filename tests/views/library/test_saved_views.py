"""Saved views: an address under a name, one's own or the team's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from jobs import people
from jobs.forms import SavedViewForm
from jobs.models import SavedView, User
from tests.support import factories
from tests.support.racing import together
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

LIBRARY, VIEWS = reverse("library"), reverse("saved-views")
QUERY = "q=fox&rating=4&favorite=on&sort=longest"


def save(client: Client, name: str = "Foxes", query: str = QUERY, **more: str) -> Any:
    return client.post(VIEWS, {"name": name, "query": query, **more}, follow=True)


def listed(client: Client) -> list[str]:
    answer: Any = client.get(LIBRARY)
    return [view.name for view in answer.context["views"]]


def test_a_view_is_an_address_that_the_whole_team_can_have(
    alice: User, alice_client: Client, bob: User
) -> None:
    bobs = factories.signed_in(bob)
    # However it was written, it is kept in the one way in which the library says it.
    answer = save(alice_client, query=f"rating=4&favorite=1&nonsense=x&after=y&{QUERY}&tag=")
    assert answer.redirect_chain[-1][0] == f"{LIBRARY}?{QUERY}"
    page = answer.content.decode().replace("&amp;", "&")
    assert f'href="{LIBRARY}?{QUERY}"' in page
    assert 'popovertarget="save-view"' not in page
    assert listed(bobs) == []
    save(alice_client, "Mine everywhere", "person=me", is_shared="on")
    assert listed(alice_client) == ["Foxes", "Mine everywhere"]
    assert listed(bobs) == ["Mine everywhere"]
    factories.job(bob, prompt="A hare")
    assert "A hare" in text(bobs.get(f"{LIBRARY}?person=me"))
    assert "A hare" not in text(alice_client.get(f"{LIBRARY}?person=me"))


def test_its_owner_changes_and_deletes_it_and_an_admin_those_of_the_team(
    alice: User, alice_client: Client, bob: User, admin_client: Client
) -> None:
    save(alice_client)
    view = SavedView.objects.get()
    at = reverse("change-view", args=[view.pk])
    bobs = factories.signed_in(bob)
    for client in (bobs, admin_client):
        assert client.post(at, {"name": "Hares"}).status_code == 404
    said = alice_client.post(at, {"name": "Wölfe", "is_shared": "on"}, follow=True)
    assert "Wölfe is saved." in text(said)
    assert bobs.post(at, {"name": "Hares"}).status_code == 404
    assert "Wölfe" in text(bobs.get(VIEWS))
    assert f'action="{at}"' not in bobs.get(VIEWS).content.decode()
    admin_client.post(at, {"name": "Wolves"})
    view.refresh_from_db()
    assert (view.name, view.name_key[:6], view.is_shared) == ("Wolves", "wolves", False)
    assert bobs.post(reverse("delete-view", args=[view.pk])).status_code == 404
    alice_client.post(reverse("delete-view", args=[view.pk]))
    assert not SavedView.objects.exists()


def test_what_cannot_be_saved_is_said_beside_what_was_typed(
    alice: User, alice_client: Client
) -> None:
    save(alice_client)
    for name, query, why in (
        ("FOXES", "q=hare", "You already have a view with that name."),
        ("", "q=hare", "This field is required."),
        ("\u200b", "q=hare", "This field is required."),
        ("x" * 61, "q=hare", "at most 60 characters"),
        ("Hares", "", "Choose a filter or an order first"),
        ("Hares", "rating=9", "Choose a filter or an order first"),
        ("Hares", "q=" + "x" * 3000, "at most 2000 characters"),
    ):
        answer = save(alice_client, name, query)
        assert answer.status_code == 422
        assert why in text(answer), name
        assert f'value="{name}"' in answer.content.decode() or not name.strip("\u200b")
    view = SavedView.objects.get()
    save(alice_client, "Hares", "q=hare")
    typed = {"name": "hares", "is_shared": "on"}
    again = alice_client.post(reverse("change-view", args=[view.pk]), typed)
    assert again.status_code == 422
    assert re.search(r'name="is_shared"\s+checked', again.content.decode())
    assert "You already have a view with that name." in text(again)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(owner=alice, name="fOXES", query="q=x")


@pytest.mark.django_db(transaction=True)
def test_six_saved_at_once_are_no_more_than_there_may_be(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SavedViewForm, "most", 3)
    clients = [factories.signed_in(alice) for _ in range(6)]
    answers: list[Any] = together(6, lambda number: save(clients[number], f"View {number}"))
    assert SavedView.objects.count() == 3
    refused = [each for each in answers if each.status_code == 422]
    assert len(refused) == 3
    assert "You have 3 views, which is the most." in text(refused[0])


def test_a_view_that_names_whose_videos_one_does_not_see_or_who_left_finds_nothing(
    alice: User, admin: User, admin_client: Client, bob: User
) -> None:
    factories.job(alice, prompt="A fox")
    save(admin_client, "Of Alice", f"person={alice.pk}", is_shared="on")
    view, bobs = f"{LIBRARY}?person={alice.pk}", factories.signed_in(bob)

    def finds(client: Client, address: str, who: str) -> None:
        answer = client.get(address)
        assert answer.status_code == 200
        said = text(answer)
        assert f"Made by {who} remove this filter" in said
        assert "No videos match" in said

    finds(bobs, view, "Somebody else")
    # Who has never been here is nobody else.
    finds(bobs, f"{LIBRARY}?person=987654321", "Somebody else")
    people.leave(alice, bob, admin, reason="For a test", sends_queued=False)
    finds(bobs, view, "Somebody else")
    finds(admin_client, view, "alice")


def test_whoever_leaves_leaves_the_views_of_the_team_behind(
    alice: User, alice_client: Client, bob: User, admin: User
) -> None:
    save(alice_client)
    for name in ("Hares", "Wolves"):
        save(alice_client, name, "q=x", is_shared="on")
    save(factories.signed_in(bob), "wolves", "q=mine")
    people.leave(alice, bob, admin, reason="For a test", sends_queued=False)
    kept = SavedView.objects.order_by("name").values_list("name", "owner__username")
    assert list(kept) == [("Hares", "bob"), ("Wolves", "alice"), ("wolves", "bob")]
