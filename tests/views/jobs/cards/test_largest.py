"""Once a larger copy is kept, it is what plays, and what Download and Share mean (100)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jobs.archive.announcing import show
from jobs.models import Rendition, User
from jobs.models.jobs.job import Job
from tests.support import factories
from tests.support.markup import flat

pytestmark = pytest.mark.django_db


@pytest.fixture
def take(alice: User) -> Job:
    return factories.succeeded(alice)


def own(job: Job) -> Rendition:
    return Rendition.objects.get(job=job)


def used(client: Client, take: Job) -> set[tuple[str, str, str]]:
    """What plays on the card and on the page, and what their Download and Share lead to: ids."""
    found = set()
    for address in ("/", f"/jobs/{take.pk}/"):
        page = flat(client.get(address).content.decode())
        plays = re.findall(r'(?:data-src|src)="/renditions/([^"]+)\.mp4"(?! media)', page)
        button = 'data-key="d"' if address == "/" else 'class="btn btn-primary"'
        keeps = re.findall(rf'{button} href="/renditions/([^"]+)\.mp4\?download=1"', page)
        gives = re.findall(r'href="/shares/new/\?take=([^"]+)"', page)
        found.add((plays[0], keeps[0], gives[0]))
    return found


def test_the_largest_stored_size_is_what_plays_and_is_handed_out(
    take: Job, alice_client: Client
) -> None:
    assert used(alice_client, take) == {(str(own(take).pk),) * 3}
    for kind in ("upgrade_1080p", "upgrade_4k"):
        before = used(alice_client, take)
        order = factories.finish(factories.upgrade(take, kind))
        Rendition.objects.filter(job=order).update(state="fetching")
        show(own(order))
        assert used(alice_client, take) == before
        Rendition.objects.filter(job=order).update(state="stored")
        show(own(order))
        assert used(alice_client, take) == {(str(own(order).pk),) * 3}


def test_a_phone_plays_the_smallest(take: Job, alice_client: Client) -> None:
    larger = factories.finish(factories.upgrade(take))
    small, large = (reverse("video", args=[own(job).pk]) for job in (take, larger))
    card = flat(alice_client.get("/").content.decode())
    assert f'data-src="{large}" data-small="{small}"' in card
    page = flat(alice_client.get(f"/jobs/{take.pk}/").content.decode())
    sources = f'<source src="{small}" media="(max-width: 47.99em)"><source src="{large}">'
    assert sources in page
    assert "<source" not in flat(alice_client.get(f"/jobs/{larger.pk}/").content.decode())


def test_a_copy_that_is_lost_leaves_the_film_as_it_was(take: Job, alice_client: Client) -> None:
    larger = factories.finish(factories.upgrade(take))
    Rendition.objects.filter(job=larger).update(state="expired")
    assert used(alice_client, take) == {(str(own(take).pk),) * 3}


def test_a_film_of_which_only_the_copy_is_left_plays_that(take: Job, alice_client: Client) -> None:
    larger = factories.finish(factories.upgrade(take))
    Rendition.objects.filter(job=take).update(state="expired")
    assert used(alice_client, take) == {(str(own(larger).pk),) * 3}


def test_the_time_that_storing_took_is_that_of_its_own_file(
    take: Job, alice_client: Client
) -> None:
    page: Any = alice_client.get(f"/jobs/{take.pk}/")
    stored = page.context["card"].stored_at
    factories.finish(factories.upgrade(take))
    page = alice_client.get(f"/jobs/{take.pk}/")
    assert page.context["card"].stored_at == stored
