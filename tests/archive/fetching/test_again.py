"""A file that was closed without being stored can be fetched once more, by who may act on it."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs.models import Job, Rendition, User
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def closed(alice: User) -> Rendition:
    job = factories.job(alice)
    Job.objects.filter(pk=job.pk).update(status="succeeded", charged=60)
    return Rendition.objects.create(
        job=job, resolution="720p", source_url="https://x/a.mp4", state="rejected", try_at=None
    )


def ask_again(who: User, rendition: Rendition) -> int:
    return factories.signed_in(who).post(f"/renditions/{rendition.pk}/store/").status_code


def test_its_owner_has_it_fetched_again(alice: User, closed: Rendition) -> None:
    assert ask_again(alice, closed) == 302
    closed.refresh_from_db()
    assert (closed.state, closed.try_at is not None) == ("waiting", True)


def test_the_job_page_offers_it(alice: User, closed: Rendition) -> None:
    page = factories.signed_in(alice).get(f"/jobs/{closed.job_id}/")
    assert f"/renditions/{closed.pk}/store/" in page.content.decode()


def test_somebody_elses_file_does_not_exist(bob: User, closed: Rendition) -> None:
    assert ask_again(bob, closed) == 404


@pytest.mark.parametrize("state", ["waiting", "fetching"])
def test_a_file_under_way_is_left_alone(alice: User, closed: Rendition, state: str) -> None:
    Rendition.objects.filter(pk=closed.pk).update(state=state)
    assert ask_again(alice, closed) == 302
    closed.refresh_from_db()
    assert closed.state == state


def test_nobody_knows_a_file_that_is_not_there(client: Client, alice: User) -> None:
    client.force_login(alice)
    unknown = "00000000-0000-4000-8000-000000000000"
    assert client.post(f"/renditions/{unknown}/store/").status_code == 404
