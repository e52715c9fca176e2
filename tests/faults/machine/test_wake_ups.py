"""Workers that are dead for long, and wake-ups that are lost or never read (560 to 563)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.test import Client
from django_q.brokers import get_broker
from django_q.conf import Conf

from jobs import carrier, follower
from jobs.machine.outages import Outage
from jobs.models import Heartbeat, Job, User
from jobs.vitals import heartbeats
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, purge_queue
from tests.support.servers.elsewhere import elsewhere, end_all, family_of, wait_for
from tests.support.states.passing import pass_time
from tests.tools.servers import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

TEN_MINUTES = 20
"""Passes of half a minute, after each of which the follower looks again."""


def unread() -> int:
    return int(get_broker().queue_size())


def accept_all(provider: Wire) -> None:
    ids = itertools.count()
    provider.reply(lambda _: kie.accepted(f"task-{next(ids)}"), path="generate", always=True)


def test_wake_ups_do_not_pile_up_while_no_worker_lives(provider: Wire, alice: User) -> None:
    accept_all(provider)
    for _ in range(6):
        factories.job(alice, model="veo3_lite")
    for _ in range(TEN_MINUTES):
        pass_time(31)
        follower.sweep()
        assert unread() <= 6 + 1  # what asks for a heartbeat is one

    # A worker is back, and all goes on by itself.
    assert Job.objects.filter(status="queued").count() == 6
    drain_queue()
    assert Job.objects.filter(status="running").count() == 6


@pytest.mark.parametrize("taken", [False, True], ids=["flushed", "taken by workers that died"])
def test_wake_ups_that_were_lost_are_sent_anew_and_once(
    taken: bool, provider: Wire, alice: User
) -> None:
    accept_all(provider)
    for _ in range(3):
        factories.job(alice, model="veo3_lite")
    while taken and unread():
        get_broker().dequeue()
    purge_queue()
    for _ in range(TEN_MINUTES):
        pass_time(31)
        follower.sweep()

    assert unread() <= 3 + 1
    drain_queue()
    assert Job.objects.filter(status="running").count() == 3


def test_one_lost_wake_up_is_sent_anew_beside_others_that_are_unread(
    provider: Wire, alice: User
) -> None:
    """As where there is always something to do: no queue has to run empty for it."""
    accept_all(provider)
    lost = factories.job(alice, model="veo3_lite")
    purge_queue()
    pass_time(60)
    factories.job(alice, model="veo3_lite")
    for _ in range(3):
        follower.sweep()

    assert unread() == 2
    drain_queue()
    lost.refresh_from_db()
    assert lost.status == "running"


def test_while_the_broker_is_away_nobody_is_woken_and_the_log_says_so_once(
    provider: Wire, alice: User, settings: Any, monkeypatch: Any, caplog: Any
) -> None:
    job = factories.job(alice)
    purge_queue()
    pass_time(60)
    job.refresh_from_db()
    with monkeypatch.context() as away:
        settings.Q_BROKER = "redis"
        away.setattr(Conf, "ORM", None)
        away.setattr(Conf, "REDIS", f"redis://127.0.0.1:{free_port()}")
        away.setattr(carrier, "AWAY", Outage(carrier.logger, "away: %s", "back"))
        for _ in range(5):
            follower.sweep()
    said = [each.getMessage() for each in caplog.records if each.name == "jobs.queue"]
    assert [text[:5] for text in said] == ["away:"]
    assert Job.objects.get().wake_at == job.wake_at


# ── Heartbeats ───────────────────────────────────────────────────────────────
def test_a_worker_shows_that_it_works_and_stops_to_when_it_is_killed(
    provider: Wire, alice: User, client: Client
) -> None:
    provider.hang()
    code = (
        "from django.core.management import call_command; from jobs.vitals import heartbeats; "
        "heartbeats.EVERY_SECONDS = 0.1; call_command('work')"
    )
    follows = heartbeats.Pulse(Heartbeat.Part.FOLLOWER)
    follows.beat()
    follower.sweep()
    assert works(client) is False
    with elsewhere(code, KIE_BASE_URL=provider.url, Q_WORKERS=1) as work:
        # Where there is nothing to do, since the follower asks; and while it is at something.
        wait_for(lambda: works(client))
        factories.job(alice)
        wait_for(lambda: provider.posts)
        (row,) = Heartbeat.objects.filter(part="worker")
        wait_for(lambda: Heartbeat.objects.get(pk=row.pk).beat_at > row.beat_at)
        end_all(family_of(work.pid))
    for _ in range(3):
        pass_time(31)
        follows = heartbeats.Pulse(Heartbeat.Part.FOLLOWER)
        follows.beat()
        follower.sweep()
    answer = client.get("/statusz")
    told = answer.json()
    assert (answer.status_code, told["follower"], told["worker"]) == (503, True, False)
    assert client.get("/readyz").status_code == 200


def works(client: Client) -> object:
    return client.get("/statusz").json()["worker"]


def test_a_process_leaves_one_row_and_those_that_are_gone_are_cleared_away(
    alice: User, django_assert_num_queries: Any
) -> None:
    Heartbeat.objects.create(part="follower", process="an-old-one:7")
    pass_time(heartbeats.KEPT_SECONDS + 60)
    pulse = heartbeats.Pulse(Heartbeat.Part.FOLLOWER)
    pulse.beat()
    with django_assert_num_queries(0):
        pulse.beat()
    assert Heartbeat.objects.get().process != "an-old-one:7"
