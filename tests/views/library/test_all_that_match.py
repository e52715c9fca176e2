"""All that the library found, chosen with one tick: those that were seen, and no others."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jobs.keeping import tagging
from jobs.letters import counts
from jobs.library import pages
from jobs.models import Choice, Job, Project, Tag, User, search_index
from tests.support import factories
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

LIBRARY, CHOOSE = reverse("library"), reverse("choose")


@pytest.fixture
def foxes(alice: User, monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Five foxes on pages of two, and a hare."""
    monkeypatch.setattr(pages, "PAGE_SIZE", 2)
    factories.succeeded(alice, prompt="Hare")
    return [factories.succeeded(alice, prompt=f"Fox {number}") for number in range(5)]


def ticked(client: Client, query: str = "q=fox") -> dict[str, str]:
    """What the tick of a page sends, with what stands beside it."""
    page = client.get(f"{LIBRARY}?{query}").content.decode()
    found = re.findall(r'name="(matching|seen)"\s+value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def hidden(page: str) -> dict[str, list[str]]:
    """What a form sends beside what is typed into it."""
    found = re.findall(r'<input type="hidden" name="(matching|seen|video)" value="([^"]*)">', page)
    return {each: [unescape(v) for name, v in found if name == each] for each, _ in found}


def press(client: Client, path: str, **body: Any) -> str:
    return text(
        client.post(path, body, follow=True, headers={"Referer": f"http://testserver{LIBRARY}"})
    )


def test_what_is_said_of_all_that_match_is_said_of_those_on_later_pages_too(
    foxes: list[Job], alice: User, alice_client: Client
) -> None:
    all_ = ticked(alice_client)
    assert "5 videos rated 4." in press(alice_client, CHOOSE, do="rate-4", **all_)
    assert Job.objects.filter(rating=4).count() == 5
    said = press(alice_client, CHOOSE, do="tag", tags="den", video=[str(foxes[0].pk)], **all_)
    assert "5 videos tagged “den”." in said
    project = Project.objects.create(name="Den")
    moved = press(alice_client, reverse("move-videos"), to=str(project.pk), **all_)
    assert "5 videos moved to Den." in moved
    assert "5 videos deleted." in press(alice_client, reverse("trash-videos"), **all_)
    assert [job.prompt for job in Job.objects.visible_to(alice)] == ["Hare"]
    # A card's own button means that card.
    hare = Job.objects.get(prompt="Hare")
    said = press(alice_client, CHOOSE, one=f"favorite {hare.pk}", **all_)
    assert "1 video is a favorite now." in said


def test_all_are_meant_that_have_a_word_which_very_many_have(
    foxes: list[Job], alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "HITS_MAX", 2)
    all_ = ticked(alice_client)
    assert "5 videos rated 4." in press(alice_client, CHOOSE, do="rate-4", **all_)
    assert list(Job.objects.filter(rating=0).values_list("prompt", flat=True)) == ["Hare"]
    assert all_["seen"].startswith("5-")
    monkeypatch.setattr(counts, "COUNTED_MAX", 4)
    said = press(alice_client, CHOOSE, do="rate-5", **all_)
    assert "Choose up to 4 videos at once: add a filter first." in said


def test_they_are_moved_by_the_form_and_downloaded_where_named_one_by_one_they_are_too_many(
    foxes: list[Job], alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.forms.library.choosing.VIDEOS_MAX", 4)
    all_, project = ticked(alice_client), Project.objects.create(name="Den")
    form = alice_client.post(reverse("move-videos"), all_).content.decode()
    assert all(job.prompt in form for job in foxes)
    again = hidden(form)
    assert again == {name: [value] for name, value in all_.items()}
    said = press(alice_client, reverse("move-videos"), to=str(project.pk), **again)
    assert "5 videos moved to Den." in said
    files: Any = alice_client.post(reverse("files"), all_, follow=True)
    assert len(files.context["wanted"].videos) == 5
    # A card's own button means that card, there too.
    one = alice_client.post(reverse("move-videos"), {**all_, "one": f"move {foxes[0].pk}"})
    assert hidden(one.content.decode()) == {"video": [str(foxes[0].pk)]}


def test_nobody_acts_on_more_than_they_saw(
    foxes: list[Job], alice: User, alice_client: Client
) -> None:
    by_tag = "tag=den&sort=oldest"
    tagging.tag([job.pk for job in foxes[:4]], alice, ["den"])
    seen = ticked(alice_client, by_tag)
    newer = factories.succeeded(alice, prompt="Made after the look")
    tagging.tag([newer.pk], alice, ["den"])
    assert "4 videos rated 3." in press(alice_client, CHOOSE, do="rate-3", **seen)
    assert not Job.objects.filter(pk=newer.pk, rating=3).exists()
    tagging.tag([foxes[4].pk], alice, ["den"])
    said = press(alice_client, CHOOSE, do="rate-1", **seen)
    assert "More than the 4 videos that you saw match by now, so nothing was changed." in said
    assert not Job.objects.filter(rating=1).exists()


def test_nobody_deletes_a_video_they_did_not_see_where_as_many_match_as_before(
    foxes: list[Job], alice: User, alice_client: Client
) -> None:
    tagging.tag([job.pk for job in foxes], alice, ["den"])
    seen = ticked(alice_client, "tag=den")
    Tag.objects.filter(job=foxes[0]).delete()
    changed = "What matches has changed, so nothing was done. Look again and tick once more."
    assert changed in press(alice_client, reverse("trash-videos"), **seen)
    tagging.tag([Job.objects.get(prompt="Hare").pk], alice, ["den"])
    assert changed in press(alice_client, reverse("trash-videos"), **seen)
    assert Job.objects.visible_to(alice).count() == 6
    again = ticked(alice_client, "tag=den")
    assert "5 videos deleted." in press(alice_client, reverse("trash-videos"), **again)


def test_all_that_match_are_all_that_one_may_see(
    foxes: list[Job], bob: User, alice_client: Client
) -> None:
    all_ = ticked(alice_client)
    bobs = factories.signed_in(bob)
    assert "None of those videos matches any more." in press(bobs, CHOOSE, do="reject", **all_)
    assert not Choice.objects.exists()


def test_a_selection_that_cannot_be_read_or_is_too_large_changes_nothing(
    foxes: list[Job], alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_ = ticked(alice_client)
    for wrong in (
        {"matching": "?rating=9"},
        {"matching": "?last=9999-12-31"},
        {"seen": ""},
        {"seen": "5"},
        {"seen": "-1-1"},
        {"seen": "٥-1"},
    ):
        said = press(alice_client, CHOOSE, do="rate-3", **{**all_, **wrong})
        assert "That selection can’t be read any more." in said, wrong
    monkeypatch.setattr("jobs.letters.counts.COUNTED_MAX", 4)
    said = press(alice_client, CHOOSE, do="rate-3", **all_)
    assert "Choose up to 4 videos at once: add a filter first." in said
    assert not Choice.objects.exists()
    # It is not offered then, nor where all of them are there to be ticked.
    assert ticked(alice_client) == {} == ticked(alice_client, "q=hare")
