"""A client compares the takes of a link, without an account, and picks one there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobs import shares
from jobs.models import Rendition, SharedTake, ShareLink, User
from tests.support import factories
from tests.support.markup import flat

pytestmark = pytest.mark.django_db

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"


@pytest.fixture
def films(alice: User) -> list[Rendition]:
    return [factories.film(alice, seed=seed) for seed in range(10_000, 10_005)]


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"User-Agent": BROWSER})


def share(*films: Rendition, **terms: Any) -> tuple[ShareLink, str]:
    return shares.create(list(films), shares.Terms(**terms), films[0].job.owner)


def compared(visitor: Client, token: str, *places: object) -> str:
    path = reverse("shared-compare", args=[token])
    return flat(visitor.get(path, {"take": [str(each) for each in places]}).content.decode())


def names(page: str) -> list[str]:
    return re.findall(r'class="pane [a-z]+" id="pane-\d+" data-name="([^"]+)"', page)


def test_takes_play_side_by_side_from_the_links_own_addresses(
    visitor: Client, films: list[Rendition]
) -> None:
    _, token = share(*films[:3], title="Round two")
    page = compared(visitor, token, 3, 1)
    assert names(page) == ["Video 3", "Video 1"]
    assert "Round two" in page
    addresses = re.findall(r'(?:src|poster)="(/[^"?]+\.(?:mp4|webp))["?]', page)
    assert len(addresses) == 4
    assert all(each.startswith(f"/s/{token}/") for each in addresses)


def test_without_a_wish_the_first_four_are_compared_and_others_can_be_chosen(
    visitor: Client, films: list[Rendition]
) -> None:
    _, token = share(*films)
    assert names(compared(visitor, token)) == [f"Video {number}" for number in range(1, 5)]
    page = compared(visitor, token, 5, 2)
    assert names(page) == ["Video 5", "Video 2"]
    ticked = re.findall(r'type="checkbox" name="take" value="(\d)" checked', page)
    assert ticked == ["2", "5"]


def test_a_take_that_is_not_on_the_link_and_too_many_are_told_in_a_sentence(
    visitor: Client, films: list[Rendition]
) -> None:
    _, token = share(*films)
    page = compared(visitor, token, 2, 9)
    assert names(page) == ["Video 2", "Video 1"]
    assert "A video that you asked for is not on this link." in page
    assert "not on this link" in compared(visitor, token, 1, 2, "x")
    assert "These are the first 4." in compared(visitor, token, 5, 4, 3, 2, 1)


def test_the_page_of_a_link_leads_there_where_there_is_something_to_compare(
    visitor: Client, films: list[Rendition]
) -> None:
    for number, leads in ((1, False), (2, True)):
        _, token = share(*films[:number])
        path = reverse("shared-compare", args=[token])
        page = visitor.get(reverse("shared", args=[token])).content.decode()
        assert (f'href="{path}"' in page) == leads
        answer = visitor.get(path)
        assert answer.status_code == (200 if leads else 302)


def test_a_password_is_asked_for_first(visitor: Client, films: list[Rendition]) -> None:
    _, token = share(*films[:2], password="sesame")
    gate, path = reverse("shared", args=[token]), reverse("shared-compare", args=[token])
    answer: Any = visitor.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, gate)
    visitor.post(gate, {"password": "sesame"})
    assert len(names(compared(visitor, token))) == 2


def test_of_a_link_that_is_over_nothing_is_compared(
    visitor: Client, films: list[Rendition]
) -> None:
    link, token = share(*films[:2])
    ShareLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(days=1))
    answers = [visitor.get(reverse("shared-compare", args=[each])) for each in (token, "x" * 43)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_a_visit_counts_once_however_often_somebody_compares(
    visitor: Client, films: list[Rendition]
) -> None:
    link, token = share(*films[:2])
    compared(visitor, token)
    compared(visitor, token)
    visitor.get(reverse("shared", args=[token]))
    link.refresh_from_db()
    assert link.view_count == 1


def test_a_pick_comes_back_to_what_was_compared_and_stands_there(
    visitor: Client, films: list[Rendition]
) -> None:
    link, token = share(*films[:3])
    path = reverse("shared-review", args=[token, films[2].pk])
    wish = {"kind": "pick", "name": "Tomas", "compared": ["3", "1"]}
    back: Any = visitor.post(path, wish)
    assert back.headers["Location"] == f"{reverse('shared-compare', args=[token])}?take=3&take=1"
    page = flat(visitor.get(back.headers["Location"]).content.decode())
    assert "Picked by Tomas" in page.partition('id="pane-1"')[0]
    assert "Picked by" not in page.partition('id="pane-1"')[2]
    # Who said something once need not say who they are again.
    assert 'value="Tomas"' in page
    assert list(link.notes.values_list("kind", "take__rendition")) == [("pick", films[2].pk)]


def test_enter_in_the_field_for_the_name_picks_no_take(
    visitor: Client, films: list[Rendition]
) -> None:
    _, token = share(*films[:3])
    buttons = re.findall(r'<button[^>]* form="pick"[^>]*>', compared(visitor, token))
    # Browsers press a form's first button then, and none where that one is disabled.
    assert [" disabled" in each for each in buttons] == [True, False, False, False]
    assert [re.findall(r"/([\w-]{36})/", each) for each in buttons] == [
        [],
        *([str(film.pk)] for film in films[:3]),
    ]


def test_where_comments_are_closed_nothing_can_be_picked(
    visitor: Client, films: list[Rendition]
) -> None:
    for takes_notes in (True, False):
        _, token = share(*films[:2], takes_notes=takes_notes)
        assert ('aria-label="Pick video 1"' in compared(visitor, token)) == takes_notes


def test_no_bare_film_is_compared_before_its_watermark_is_drawn(
    visitor: Client, films: list[Rendition]
) -> None:
    link, token = share(*films[:2], watermark="Draft")
    assert "This video is being prepared" in compared(visitor, token)
    assert "<video" not in compared(visitor, token)
    SharedTake.objects.filter(link=link).update(marking="ready")
    page = compared(visitor, token)
    assert page.count("<video controls ") == 2
    assert re.findall(r'data-files="([^"]+)"', page) == [
        f"/s/{token}/{film.pk}.mp4 720" for film in films[:2]
    ]
