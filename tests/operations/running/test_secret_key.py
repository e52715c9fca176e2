"""SECRET_KEY is replaced while people are signed in and work is under way (case H100)."""

from __future__ import annotations

import queue
import threading
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.pusher import pusher
from django_q.signing import SignedPackage

from jobs.models import Credential, User
from jobs.secrets import vault
from tests.support.factories import CANARY_KEY, PASSWORD
from tests.support.running import purge_queue

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def signed_in(alice: User, client: Client) -> Client:
    client.post("/login/", {"username": "alice", "password": PASSWORD})
    assert client.get("/").status_code == 200
    return client


@pytest.mark.parametrize("is_kept", [True, False])
def test_sessions_go_on_for_as_long_as_the_old_key_is_listed(
    is_kept: bool, signed_in: Client, settings: Any
) -> None:
    old, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 50
    settings.SECRET_KEY_FALLBACKS = [old] if is_kept else []
    assert (signed_in.get("/").status_code == 200) is is_kept
    settings.SECRET_KEY_FALLBACKS = []
    assert (signed_in.get("/").status_code == 200) is is_kept, "it was signed anew meanwhile"


def test_keys_of_providers_do_not_hang_on_it(key: Credential, settings: Any) -> None:
    settings.SECRET_KEY = "n" * 50
    assert vault.unseal(key.sealed_key, key.seal_context) == CANARY_KEY


def test_a_wake_up_signed_with_the_old_key_stops_no_worker(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    purge_queue()
    with monkeypatch.context() as before:
        before.setattr(Conf, "SECRET_KEY", "o" * 50)
        get_broker().enqueue(SignedPackage.dumps({"func": "jobs.tasks.start", "args": ()}))
    get_broker().enqueue(SignedPackage.dumps({"func": "jobs.tasks.start", "args": ("new",)}))
    taken: Any = queue.Queue()
    stop: Any = threading.Event()
    stop.set()  # after one look
    for _ in range(2):
        pusher(taken, stop, get_broker())
    assert [taken.get_nowait()["args"] for _ in range(taken.qsize())] == [("new",)]
    assert "Failed to push task to queue" in caplog.text


def test_a_schedule_that_somebody_wrote_is_never_run() -> None:
    """django-q runs any dotted path that a row names (case H102)."""
    assert Conf.SCHEDULER is False
    assert not apps.is_installed("django.contrib.admin")
