"""A provider that can't be reached, as everybody reads of it: cards, pages, To do and e-mail."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs import lifecycle
from jobs.credentials import circuit
from jobs.models import Credential, Job, User
from jobs.times import clock
from tests.support import factories
from tests.support.running import purge_queue
from tests.support.typed_forms import text
from tests.views.jobs.test_live import Tab

pytestmark = [pytest.mark.django_db, pytest.mark.data]

PATH = "/team/requests/"
TRY = "/team/providers/kie/try/"


@pytest.fixture
def waiting(alice: User, key: Credential) -> Job:
    """A video that waits for kie.ai, which can't be reached."""
    job = factories.job(alice, prompt="A fox")
    purge_queue()
    go_away(key)
    job.refresh_from_db()
    return job


def go_away(key: Credential) -> None:
    circuit.not_reached(key)
    lifecycle.follow_circuits()


def come_back(key: Credential) -> None:
    key.refresh_from_db()
    circuit.reached(key)
    lifecycle.follow_circuits()


def test_open_studios_hear_that_a_provider_is_away_and_that_it_is_back(
    alice: User, alice_client: Client, key: Credential
) -> None:
    factories.job(alice, prompt="A fox")
    tab = Tab(alice_client)
    assert tab.poll() == 204
    go_away(key)
    assert (tab.poll(), tab.changed) == (200, ["A fox"])
    assert text(tab.answer).count("kie.ai has been unreachable since") >= 2
    assert tab.poll() == 204
    come_back(key)
    assert (tab.poll(), tab.changed) == (200, ["A fox"])
    assert "unreachable" not in text(tab.answer)
    assert "starts in a moment" in text(tab.answer)


def test_the_page_of_a_video_says_why_it_waits_and_that_it_can_be_canceled(
    waiting: Job, alice_client: Client
) -> None:
    page = text(alice_client.get(f"/jobs/{waiting.pk}/"))
    assert "This will be sent as soon as it answers. Canceling it now costs nothing." in page


def test_every_page_tells_those_whose_videos_wait_and_nobody_else(
    waiting: Job, alice_client: Client, bob: User
) -> None:
    said = "kie.ai has been unreachable since"
    assert f"{said} " in text(alice_client.get("/projects/"))
    assert said not in text(factories.signed_in(bob).get("/projects/"))


def test_admins_find_what_waits_and_until_when_and_it_is_counted(
    waiting: Job, admin_client: Client
) -> None:
    page = text(admin_client.get(PATH))
    assert "Providers out of reach 1" in page
    assert "kie.ai has been unreachable for" in page
    assert "1 video waits, with 60 cr reserved. Nothing was sent." in page
    assert "Waiting for a provider 1" in page
    assert "this fails and its credits are released" in page
    assert "1 to do: 1 provider out of reach" in text(admin_client.get("/projects/"))


def test_an_admin_can_have_it_tried_at_once(
    waiting: Job, admin_client: Client, key: Credential
) -> None:
    due = Credential.objects.filter(pk=key.pk, probe_at__lte=clock.after(0))
    assert not due.exists()
    answer: Any = admin_client.post(TRY, follow=True)
    assert due.exists()
    assert "Trying kie.ai now. Reload this page in a few seconds." in text(answer)
    come_back(key)
    assert "kie.ai answers again." in text(admin_client.post(TRY, follow=True))


def test_nobody_else_can_and_of_no_provider_that_there_is_not(
    waiting: Job, alice_client: Client, admin_client: Client, key: Credential
) -> None:
    assert alice_client.post(TRY).status_code == 404
    assert admin_client.post("/team/providers/nobody/try/").status_code == 404
    assert admin_client.get(TRY).status_code == 405
    assert not Credential.objects.filter(probe_at__lte=clock.after(0)).exists()
