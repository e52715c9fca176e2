"""The poll of an open library: its filters hold, and every card that is here is kept true."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from jobs import keeping, lifecycle, people
from jobs.keeping import choosing
from jobs.models import Job, Project, User
from jobs.providers.base import Snapshot, State
from tests.support import factories
from tests.support.markup import flat
from tests.support.typed_forms import HTMX, text
from tests.views.test_queries import queries

pytestmark = [pytest.mark.django_db, pytest.mark.data]

LIBRARY = reverse("library")


@pytest.fixture
def autumn() -> Project:
    return Project.objects.create(name="Autumn")


@pytest.fixture
def fox(alice: User, autumn: Project) -> Job:
    made = factories.succeeded(alice, prompt="A fox", project_id=autumn.pk)
    choosing.choose([made.pk], alice, "rating", 4)
    return made


class Page:
    """An open library, as static/js/live.js keeps it: a cursor, and which cards are there."""

    def __init__(self, client: Client, *here: Job, **asked: Any) -> None:
        self.client, self.here = client, ",".join(job.pk.hex[:12] for job in here)
        page: Any = client.get(LIBRARY, asked)
        self.url: str = page.context["live_url"]

    def poll(self) -> Any:
        cards = urlencode({"cards": self.here})
        answer: Any = self.client.get(f"{self.url}&{cards}", headers=HTMX)
        if answer.status_code == 200:
            self.url = answer.context["live_url"]
        return answer


def emptied(answer: Any) -> list[str]:
    """The cells that an answer takes the card out of."""
    return re.findall(r'hx-target="#cell-([^"]+)"></hx-partial>', answer.content.decode())


Deed = Callable[[Job, User], object]
AWAY: dict[str, tuple[dict[str, str], Deed]] = {
    "moved": ({"project": "1"}, lambda fox, by: keeping.refile([fox.pk], None, by)),
    "deleted": ({}, lambda fox, by: keeping.throw_away([fox.pk], by)),
    "rated": ({"rating": "4"}, lambda fox, by: choosing.choose([fox.pk], by, "rating", 3)),
    "rejected": ({"rejected": "hide"}, lambda f, by: choosing.choose([f.pk], by, "rejected", 1)),
    "renamed": ({"q": "winter"}, lambda fox, by: keeping.entitle(fox.pk, "Summer", by)),
}


@pytest.mark.parametrize("what", AWAY)
def test_what_the_filters_find_no_longer_leaves_an_open_library(
    what: str, fox: Job, alice: User, alice_client: Client
) -> None:
    asked, deed = AWAY[what]
    asked = {**asked, **({"project": str(fox.project_id)} if "project" in asked else {})}
    keeping.entitle(fox.pk, "Winter spot", alice)
    page, unfiltered = Page(alice_client, fox, **asked), Page(alice_client, fox)
    deed(fox, alice)
    answer = page.poll()
    assert emptied(answer) == [str(fox.pk)]
    assert "No videos match" in text(answer) or what == "deleted"
    assert page.poll().status_code == 204
    assert emptied(unfiltered.poll()) == ([str(fox.pk)] if what == "deleted" else [])


def test_what_still_matches_is_kept_true_and_nothing_joins(
    fox: Job, autumn: Project, alice: User, alice_client: Client
) -> None:
    page = Page(alice_client, fox, project=autumn.pk)
    assert page.poll().status_code == 204
    assert len(queries(alice_client, page.url)) <= 3
    factories.succeeded(alice, prompt="Begun meanwhile", project_id=autumn.pk)
    copy = factories.upgrade(fox)
    answer = page.poll()
    assert re.findall(r'hx-target="#job-([^"]+)"', answer.content.decode()) == [str(fox.pk)]
    assert answer.context["interval"] == 2
    lifecycle.observe(factories.run(copy).pk, Snapshot(State.FAILED))
    assert f"job-{fox.pk}" in page.poll().content.decode()


def test_a_card_that_was_out_of_reach_is_told_what_it_missed(
    fox: Job, alice: User, alice_client: Client
) -> None:
    # As static/js/live.js asks once it is among those around what is seen: since when it knows.
    far = Page(alice_client)
    since = far.url
    keeping.entitle(fox.pk, "Winter spot", alice)
    assert "Winter spot" not in text(far.poll())
    factories.succeeded(alice, prompt="Later")
    far.poll()
    far.url, far.here = since, fox.pk.hex[:12]
    assert "Winter spot" in text(far.poll())


def test_what_is_chosen_in_a_filtered_library_empties_its_cell_at_once_and_undo_fills_it(
    fox: Job, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = {**HTMX, "HX-Current-URL": f"http://testserver{LIBRARY}?rating=4"}
    body = {"do": "rate-3", "video": [str(fox.pk)]}
    answer = alice_client.post("/jobs/choose/", body, headers=here)
    assert emptied(answer) == [str(fox.pk)]
    steps = re.findall(r'name="steps" value="([^"]+)"', answer.content.decode())
    undone = alice_client.post("/jobs/choose/undo/", {"steps": steps}, headers=here)
    assert emptied(undone) == []
    back = f'hx-target="#cell-{fox.pk}" hx-swap="innerMorph"><article'
    assert back in flat(undone.content.decode())
    # Of more than an answer draws, all leave at once too; brought back, the page is shown anew.
    monkeypatch.setattr("jobs.views.jobs.keeping.chosen.CARDS_MAX", 0)
    answer = alice_client.post("/jobs/choose/", body, headers=here)
    assert (emptied(answer), answer.headers.get("HX-Refresh")) == ([str(fox.pk)], None)
    steps = re.findall(r'name="steps" value="([^"]+)"', answer.content.decode())
    undone = alice_client.post("/jobs/choose/undo/", {"steps": steps}, headers=here)
    assert undone.headers["HX-Refresh"] == "true"


def test_what_passed_to_a_colleague_leaves_the_pages_of_who_left_and_came_back(
    alice: User, bob: User, admin: User, admin_client: Client
) -> None:
    fox = factories.succeeded(alice, prompt="A fox")
    theirs, of_alice = (
        Page(factories.signed_in(alice), fox),
        Page(admin_client, fox, person=alice.pk),
    )
    people.leave(alice, bob, admin, reason="New job", sends_queued=False)
    assert emptied(of_alice.poll()) == [str(fox.pk)]
    people.reactivate(User.objects.get(pk=alice.pk), admin, reason="Back")
    theirs.client = factories.signed_in(User.objects.get(pk=alice.pk))
    assert emptied(theirs.poll()) == [str(fox.pk)]
