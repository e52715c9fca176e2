"""What a client decided stands wherever the take does, with who decided it on which link."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs import shares
from jobs.models import Job, ShareLink, User
from tests.support import factories
from tests.support.typed_forms import text
from tests.views.jobs.test_live import Tab
from tests.views.test_queries import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(alice: User) -> list[Job]:
    return [factories.succeeded(alice, prompt=prompt) for prompt in ("A fox", "A hare")]


@pytest.fixture
def link(two: list[Job], alice: User) -> ShareLink:
    films = [job.renditions.get() for job in two]
    return shares.create(films, shares.Terms(title="Cut 3"), alice)[0]


def say(link: ShareLink, place: int, kind: str, who: str = "Ana", text: str = "") -> None:
    take = list(link.takes.all())[place - 1]
    shares.say(link, take, kind, name=who, visitor=who, text=text)


def test_a_pick_is_on_the_card_on_the_videos_page_and_in_the_links_list(
    alice_client: Client, two: list[Job], link: ShareLink
) -> None:
    say(link, 1, "pick")
    say(link, 1, "approve", "Bo")
    studio = text(alice_client.get("/"))
    assert studio.count("Picked by Ana on Cut 3 +1") == 1
    assert "Picked: Ana" in text(alice_client.get(f"/shares/{link.pk}/"))
    assert "Approved: Bo" in text(alice_client.get(f"/shares/{link.pk}/"))


def test_a_pick_of_a_larger_copy_is_on_the_card_of_its_video(
    alice_client: Client, alice: User, two: list[Job]
) -> None:
    copy = factories.finish(factories.upgrade(two[0])).renditions.get()
    link = shares.create([copy], shares.Terms(title="Large"), alice)[0]
    say(link, 1, "pick")
    assert "Picked by Ana on Large" in text(alice_client.get("/"))


@pytest.mark.data
def test_a_pick_that_moves_to_another_take_leaves_the_first_one_live(
    alice_client: Client, link: ShareLink
) -> None:
    tab = Tab(alice_client)
    say(link, 1, "pick")
    assert tab.poll() == 200
    assert text(tab.answer).count("Picked by Ana") == 1
    say(link, 2, "pick")
    assert (tab.poll(), sorted(tab.changed)) == (200, ["A fox", "A hare"])
    assert text(tab.answer).count("Picked by Ana") == 1
    assert text(alice_client.get("/")).count("Picked by Ana") == 1


def test_a_links_new_title_is_on_the_cards_that_were_kept(
    alice_client: Client, alice: User, link: ShareLink
) -> None:
    say(link, 1, "changes", text="Brighter")
    assert "Ana on Cut 3" in text(alice_client.get("/"))
    shares.change(link, shares.Terms(title="Cut 4", keeps_expiry=True), alice)
    assert "Ana on Cut 4" in text(alice_client.get("/"))


@pytest.mark.data
def test_what_a_client_said_costs_no_query_where_cards_are_kept(
    alice_client: Client, link: ShareLink, two: list[Job]
) -> None:
    plain = len(queries(alice_client, "/"))
    say(link, 1, "pick")
    alice_client.post("/jobs/choose/", {"do": "tag", "tags": "night", "video": [two[0].pk]})
    assert len(queries(alice_client, "/")) <= plain
