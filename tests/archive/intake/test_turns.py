"""Who hands in many pictures at once waits for themselves, and nobody else waits for them."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jobs.archive import NotAnImage
from jobs.archive.intake import images, turns
from jobs.archive.intake.turns import turn
from jobs.models import Image, User
from tests.support.fakes import Wire
from tests.support.media.pictures import picture
from tests.support.typed_forms import HTMX, text

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def bob_client(bob: User) -> Client:
    client = Client()
    client.force_login(bob)
    return client


def hand_in(client: Client) -> Any:
    file = SimpleUploadedFile("fox.jpg", picture(), "image/jpeg")
    return client.post("/images/", {"files": file}, headers=HTMX)


def test_of_one_persons_flood_only_two_are_taken_on_and_a_colleagues_picture_goes_through(
    alice: User, alice_client: Client, bob_client: Client
) -> None:
    with turn(alice.pk), ExitStack() as line:
        assert turns._taken(line, [f"{alice.pk}-next"])
        answer = hand_in(alice_client)
        assert answer.status_code == 422
        assert "fox.jpg: Other images of yours are still being read. Try again" in text(answer)
        assert hand_in(bob_client).status_code == 200
        assert bob_client.get("/").status_code == 200
    assert hand_in(alice_client).status_code == 200
    assert Image.objects.count() == 2


def test_when_all_turns_are_taken_people_wait_a_moment_and_are_told(
    alice: User, bob_client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DECODES_AT_ONCE = 1
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0)
    with turn(alice.pk):
        answer = hand_in(bob_client)
        assert "Many images are being read at the moment. Try again" in text(answer)
    assert hand_in(bob_client).status_code == 200


def test_however_many_hand_in_images_a_thread_is_left_to_pages(
    alice: User, bob_client: Client, settings: Any
) -> None:
    settings.WEB_THREADS = 2
    with turn(alice.pk):
        answer = hand_in(bob_client)
        assert answer.status_code == 422
        assert "Many images are being read at the moment. Try again" in text(answer)
        assert bob_client.get("/").status_code == 200
    assert hand_in(bob_client).status_code == 200


def test_links_of_a_person_to_slow_hosts_are_fetched_one_at_a_time(
    provider: Wire, alice: User, bob: User, settings: Any
) -> None:
    settings.PRACTICE = True
    link = f"{provider.url}/a.jpg"
    with turns.fetching(alice.pk):
        with pytest.raises(NotAnImage, match="Another link of yours is still being fetched"):
            images.from_link(alice, link)
        assert provider.connections == 0
        provider.answer(body=picture())
        assert images.from_link(bob, link).owner == bob
    provider.answer(body=picture())
    assert images.from_link(alice, link).owner == alice


def test_a_second_picture_of_a_person_waits_for_the_first(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is next as soon as that is done, which it is while the second sleeps."""
    with ExitStack() as first:
        first.enter_context(turn(alice.pk))
        monkeypatch.setattr(time, "sleep", lambda _: first.close())
        with turn(alice.pk):
            pass


def test_a_turn_that_failed_is_over(alice: User) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), turn(alice.pk):
            raise ZeroDivisionError
