"""What an admin reads of the installation itself, and tries of what lies around it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail, signing
from django.test import Client
from django.utils import timezone

from jobs import ledger
from jobs.models import Belongings, Budget, Credential, Heartbeat, Rendition, User
from jobs.providers.http import VERSION
from jobs.readiness import self_test
from jobs.times import clock
from tests.support import factories
from tests.support.fakes import Wire
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


def tried(client: Client, what: str) -> str:
    return text(client.post(f"/team/system/{what}/", follow=True))


@pytest.mark.data
def test_the_page_says_what_waits_and_what_it_runs_on(alice: User, admin_client: Client) -> None:
    factories.job(alice)
    page = text(admin_client.get("/team/system/"))
    assert "Waiting to be sent 1 video, the oldest for less than a minute" in page
    assert "Ledger adds up Fine" in page
    assert f"Dailies {VERSION}" in page


def test_the_page_says_when_the_ledger_was_last_checked(admin_client: Client) -> None:
    ledger.check()
    page = text(admin_client.get("/team/system/"))
    assert "Ledger adds up, last checked less than a minute ago" in page


@pytest.mark.data
def test_a_worker_that_is_gone_stands_out(admin_client: Client) -> None:
    Heartbeat.objects.create(part="follower", process="here:1")
    Heartbeat.objects.create(part="worker", process="here:2", beat_at=clock.after(-300))
    page = text(admin_client.get("/team/system/"))
    assert "Follower last heard of less than a minute ago Fine" in page
    assert "Workers last heard of 5 min ago Broken" in page


@pytest.mark.data
def test_a_provider_that_cannot_be_reached_stands_out(
    alice: User, key: Credential, admin_client: Client
) -> None:
    since = clock.after(-600)
    Credential.objects.filter(pk=key.pk).update(unreachable_since=since, probe_at=since)
    page = text(admin_client.get("/team/system/"))
    assert re.search(r"kie\.ai can’t be reached since [\w, :]+ Broken", page)
    assert "veo4api.net was reached when it was last asked Fine" in page


@pytest.mark.data
def test_a_disk_that_is_away_and_what_waits_for_it_stand_out(
    alice: User, admin_client: Client
) -> None:
    factories.film(alice)
    # Put off for a while, and not due.
    Rendition.objects.update(state="waiting", try_at=clock.after(600))
    Belongings.objects.update_or_create(pk=1, defaults={"nameplate": str(uuid4())})
    page = text(admin_client.get("/team/system/"))
    assert "Films to fetch 1 film" in page
    assert "is not where the videos of this database are" in page


@pytest.mark.data
def test_a_stopped_budget_and_a_full_disk_stand_out(
    alice: User, admin_client: Client, settings: Any
) -> None:
    Budget.objects.filter(owner=alice).update(is_frozen=True)
    settings.MEDIA_FREE_BYTES_MIN = 10**18
    page = text(admin_client.get("/team/system/"))
    assert "1 budget is stopped: its entries say another figure Broken" in page
    assert "Too little: no paid video is taken" in page


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_a_test_callback_goes_out_by_the_public_address_and_comes_back(
    admin_client: Client, settings: Any, live_server: Any
) -> None:
    settings.CALLBACK_BASE = live_server.url
    assert "A test callback came back in 0." in tried(admin_client, "callbacks")


def test_another_server_at_the_public_address_is_told_apart(
    provider: Wire, admin_client: Client, settings: Any
) -> None:
    settings.CALLBACK_BASE = provider.url
    provider.answer(404, json={"detail": "none of ours"})
    assert "Something else answers at 127.0.0.1" in tried(admin_client, "callbacks")
    provider.answer(json={"received": "a guess"})
    assert "Something else answers at 127.0.0.1" in tried(admin_client, "callbacks")


def test_an_address_that_leads_nowhere_is_told_and_so_is_that_there_is_none(
    admin_client: Client, settings: Any
) -> None:
    settings.CALLBACK_BASE = "http://127.0.0.1:9"
    assert "127.0.0.1:9 can’t be reached from this server" in tried(admin_client, "callbacks")
    settings.CALLBACK_BASE = ""
    assert "PUBLIC_URL isn’t set" in tried(admin_client, "callbacks")


def test_a_stranger_and_an_old_test_get_what_every_wrong_address_gets(client: Client) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=2)):
        old = signing.dumps("number", salt=self_test.SALT)
    for token in (old, "guess", signing.dumps("number", salt="another")):
        assert client.post(f"/webhooks/test/{token}/").status_code == 404


def test_a_test_email_goes_to_the_admin_who_asks(
    admin: User, admin_client: Client, settings: Any
) -> None:
    assert "EMAIL_URL isn’t set" in tried(admin_client, "mail")
    settings.HAS_MAIL = True
    assert "You have no email address yet." in tried(admin_client, "mail")
    User.objects.filter(pk=admin.pk).update(email="ada@dailies.example")
    assert "took a message to ada@dailies.example" in tried(admin_client, "mail")
    assert [each.to for each in mail.outbox] == [["ada@dailies.example"]]


def test_a_mail_server_that_is_gone_is_told_with_its_answer(
    admin: User, admin_client: Client, settings: Any
) -> None:
    settings.HAS_MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    User.objects.filter(pk=admin.pk).update(email="ada@dailies.example")
    assert "The mail server didn’t take the message: " in tried(admin_client, "mail")
