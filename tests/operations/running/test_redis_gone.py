"""Redis holds trifles and wakes workers up: without it all is slower, and nothing fails."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache, caches
from django.test import Client
from django_q.conf import Conf

from jobs import carrier
from jobs.models import Job, User
from tests.operations.running.test_processes import (
    environment,
    here,
    marked,
    needs_proc,
    started,
    wait_for,
)
from tests.support import factories, kie
from tests.support.answers.callbacks import post
from tests.support.fakes import Wire
from tests.support.pages.composer_form import composer
from tests.support.running import follow
from tests.tools import servers
from veo_site import cache as patient
from veo_site.configuration.caches import in_redis

__all__ = ["environment"]


def said(caplog: pytest.LogCaptureFixture, words: str) -> int:
    return sum(words in each.getMessage() for each in caplog.records)


@pytest.fixture
def port(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where the caches look for their server; nobody is there yet."""
    port = servers.free_port()
    options = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
    one = {**in_redis(f"redis://127.0.0.1:{port}/0"), "OPTIONS": options}
    patient.AWAY.over()
    monkeypatch.setattr(patient.AWAY, "_pause", 0)
    settings.CACHES = {"default": one, "figures": {**one, "KEY_PREFIX": "figures"}}
    yield port
    patient.AWAY.over()


@pytest.mark.django_db
def test_pages_do_without_a_cache_that_is_gone_and_each_change_is_said_once(
    port: int, alice_client: Client, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    factories.film(alice)
    for nth in (1, 2):
        with here(partial(servers.redis, port)):
            cache.set("known", nth, 60)
            assert cache.get("known") == nth
        for path in ("/", "/usage/"):
            assert {alice_client.get(path).status_code for _ in range(2)} == {200}, path
        assert {post(alice_client, "/webhooks/kie/guess/").status_code for _ in range(2)} == {404}
        assert (said(caplog, "The cache can’t be reached"), said(caplog, "is back")) == (
            nth,
            nth - 1,
        )


def test_a_cache_that_is_gone_knows_nothing_and_takes_everything(port: int) -> None:
    cache.set("key", 1)
    cache.set_many({"key": 1})
    cache.delete_many(["key"])
    assert (cache.get("key", "else"), cache.get_many(["key"]), "key" in cache) == (
        "else",
        {},
        False,
    )
    assert (cache.add("key", 1), cache.touch("key"), cache.delete("key")) == (True, False, False)
    assert caches["figures"].get_or_set("key", lambda: 7) == 7
    with pytest.raises(ValueError, match="key"):
        cache.incr("key")


def test_a_server_that_hangs_is_waited_for_once_and_not_at_every_question(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patient.AWAY, "_pause", 60)
    with socket.create_server(("127.0.0.1", port)) as listener:
        assert [cache.get(str(nth)) for nth in range(20)] == [None] * 20
        listener.setblocking(False)
        listener.accept()[0].close()
        with pytest.raises(BlockingIOError):
            listener.accept()


@contextmanager
def no_broker() -> Iterator[None]:
    """A Redis broker of which nobody is there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "Q_BROKER", "redis")
        patch.setattr(Conf, "ORM", None)
        patch.setattr(Conf, "REDIS", f"redis://127.0.0.1:{servers.free_port()}/0")
        yield
    carrier.AWAY.over()


@pytest.mark.django_db(transaction=True)
@pytest.mark.data
def test_an_order_is_taken_without_a_broker_and_sent_once_it_is_back(
    provider: Wire, alice_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with no_broker():
        for prompt in ("A fox", "An owl"):
            assert alice_client.post("/", composer(prompt=prompt)).status_code == 302
    assert set(Job.objects.values_list("status", flat=True)) == {"queued"}
    assert said(caplog, "The broker can’t be reached") == 1
    provider.answer(json=kie.accepted("one"))
    provider.answer(json=kie.accepted("two"))
    follow()
    assert set(Job.objects.values_list("status", flat=True)) == {"running"}


@needs_proc
def test_workers_that_start_before_their_broker_wait_for_it(environment: dict[str, str]) -> None:
    port = servers.free_port()
    environment |= {"Q_BROKER": "redis", "REDIS_URL": f"redis://127.0.0.1:{port}/0"}
    with started("manage.py", "work", environment=environment) as work:
        assert work.stdout is not None
        assert "The broker can’t be reached" in work.stdout.readline()
        with here(partial(servers.redis, port)):
            assert "The broker is back" in work.stdout.readline()
            wait_for(lambda: len(marked(environment)) >= 5)
            work.terminate()
            assert work.wait(15) == 0
