"""Thousands that wait, and somebody else who orders one (895 to 899)."""

from __future__ import annotations

import itertools
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from jobs import follower, inbox, ledger, lifecycle, queue
from jobs.credentials import rates
from jobs.follower import asking, sparing
from jobs.lifecycle.sending import key_queue
from jobs.models import Credential, Job, User, WebhookEvent
from jobs.models.jobs.status import Status
from jobs.times import clock
from jobs.vitals import overdue
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, purge_queue, unread
from tests.support.states.passing import pass_time

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def order(owner: User, number: int) -> list[str]:
    """So many orders of somebody, none of which anybody was woken for; their ids, oldest first."""
    ledger.grant(owner, 30 * number, reason="for a test", actor=None)
    ids = [str(factories.job(owner, model="veo3_lite").pk) for _ in range(number)]
    purge_queue()
    pass_time(60)
    return ids


def woken() -> list[str]:
    return [row for task, row in unread() if task == queue.START]


def deal() -> list[str]:
    """The orders that workers are woken for next."""
    purge_queue()
    follower.deal()
    return woken()


def accept_all(provider: Wire) -> None:
    ids = itertools.count()
    provider.reply(lambda _: kie.accepted(f"task-{next(ids)}"), path="generate", always=True)


# ── Orders ───────────────────────────────────────────────────────────────────
def test_of_each_account_the_oldest_is_sent_first_then_the_second_of_each(
    alice: User, bob: User
) -> None:
    many, few = order(alice, 6), order(bob, 2)
    assert deal() == [many[0], few[0], many[1], few[1], *many[2:]]


def test_workers_have_little_to_read_however_much_waits(
    alice: User, bob: User, settings: Any
) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 1}
    many, (one,) = order(alice, 12), order(bob, 1)
    assert deal() == [many[0], one, *many[1:7]]
    follower.deal()
    assert len(woken()) == 8
    # As they are read, others follow.
    purge_queue()
    follower.deal()
    assert woken() == many[7:]


def test_who_orders_while_very_much_is_unread_has_a_turn_among_all(
    provider: Wire, alice: User, bob: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(queue, "UNREAD_MAX", 4)
    accept_all(provider)
    for owner in [alice] * 7 + [bob]:
        factories.job(owner, model="veo3_lite")
    assert len(woken()) == 5
    drain_queue()
    pass_time(60)
    follower.sweep()
    drain_queue()
    assert set(Job.objects.values_list("status", flat=True)) == {"running"}


def test_nobody_is_woken_for_an_account_that_cannot_send_yet(
    provider: Wire, alice: User, bob: User
) -> None:
    accept_all(provider)
    ids = order(alice, 23)
    assert deal() == ids[:20]
    drain_queue()
    (one,) = order(bob, 1)
    assert deal() == [one]
    # Once it can, those in front go on.
    Job.objects.filter(sent_at__isnull=False).update(sent_at=F("sent_at") - rates.CREATION_WINDOW)
    assert deal() == ids[20:]


def test_the_orders_of_a_key_that_does_not_work_say_so_a_few_at_a_time(
    provider: Wire, alice: User, key: Credential
) -> None:
    ids = order(alice, 6)
    Credential.objects.filter(pk=key.pk).update(state=Credential.State.REJECTED)
    assert deal() == ids[:4]
    drain_queue()
    assert Job.objects.filter(error_code=Job.PAUSED).count() == 4


def test_keys_of_one_account_have_one_line(provider: Wire, alice: User, bob: User) -> None:
    first, second = Credential.objects.filter(provider="kie").order_by("pk")
    Credential.objects.filter(pk=second.pk).update(joined_to=first)
    theirs, his = order(alice, 2), order(bob, 1)
    Job.objects.filter(pk=his[0]).update(created_at=clock.after(-3600))
    assert deal() == [*his, *theirs]


# ── Questions ────────────────────────────────────────────────────────────────
def test_a_question_does_not_wait_behind_those_of_another_key(
    provider: Wire, alice: User, bob: User
) -> None:
    for _ in range(12):
        factories.run(factories.job(alice))
    one = factories.run(factories.job(bob))
    Job.objects.update(check_at=clock.after(-60))
    Job.objects.filter(pk=one.pk).update(check_at=clock.after(-1))
    # As many as the key may be asked with; until it may again, nothing more of it is taken.
    assert len(follower.allowed(follower.claim_due(limit=6))) == 5
    Credential.objects.filter(owner=alice).update(asks_until=clock.after(30))
    Job.objects.filter(check_at__gt=Now()).update(check_at=clock.after(-60))
    assert follower.claim_due(limit=6) == [one.pk]


def pause_of(job: Job) -> float:
    """Seconds until it is asked about again, as the database tells the time."""
    check_at, now = Job.objects.filter(pk=job.pk).values_list("check_at", Now()).get()
    return float((check_at - now).total_seconds())


def asked_about(provider: Wire, *jobs: Job) -> list[float]:
    """Their pauses after a question to each."""

    def told(seen: Any) -> kie.Answer:
        return kie.running(seen.query["taskId"])

    provider.reply(told, path="record-info", always=True)
    crowd = sparing.Crowd()
    crowd.count()
    Job.objects.update(check_at=clock.after(-1))
    Credential.objects.update(asks_until=None)
    with patch.object(asking, "crowd", crowd):
        for job in follower.allowed(follower.claim_due()):
            follower.ask(job)
    return [pause_of(job) for job in jobs]


def test_what_a_call_is_to_come_for_is_asked_about_less_where_hundreds_are_under_way(
    provider: Wire, alice: User, bob: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sparing, "UNCALLED_PER_SECOND", 0.05)
    mine, _, other = [factories.run(factories.job(owner)) for owner in (alice, alice, bob)]
    # Nobody has ever called, whatever address they were told.
    assert all(pause < 37 for pause in asked_about(provider, mine, other))
    call = WebhookEvent.objects.create(job=other, external_id="task-1", body_hash="2" * 64)
    assert all(
        0.9 * least < pause <= 1.2 * least
        for least, pause in zip((80, 40), asked_about(provider, mine, other), strict=True)
    )
    # Who is called is asked about at once, however long its pause is.
    inbox._nudge(mine.pk)
    assert follower.claim_due() == [mine.pk]
    # Who has not called for long is not relied on.
    WebhookEvent.objects.filter(pk=call.pk).update(received_at=clock.after(-3600))
    assert all(pause < 37 for pause in asked_about(provider, mine, other))


def test_of_who_has_few_under_way_each_is_asked_about_as_ever(
    provider: Wire, alice: User, bob: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sparing, "UNCALLED_PER_SECOND", 0.1)
    mine, _, other = [factories.run(factories.job(owner)) for owner in (alice, alice, bob)]
    WebhookEvent.objects.create(job=mine, external_id="task-1", body_hash="2" * 64)
    first, last = asked_about(provider, mine, other)
    assert first > 37
    assert last < 37


# ── Films ────────────────────────────────────────────────────────────────────
def test_of_each_person_the_film_that_was_finished_first_is_fetched_first(
    alice: User, bob: User
) -> None:
    rows = [
        factories.finish(factories.job(owner), stored=False).renditions.get()
        for owner in (alice, alice, alice, bob)
    ]
    purge_queue()
    pass_time(60)
    follower.deal()
    films = [row for task, row in unread() if task == queue.STORE]
    mine, second, third, other = [str(row.pk) for row in rows]
    assert films == [mine, other, second, third]


def test_the_films_of_a_backlog_leave_room_for_orders(alice: User, settings: Any) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 2}
    for _ in range(6):
        factories.finish(factories.job(alice), stored=False)
    (one,) = order(alice, 1)
    follower.deal()
    tasks = [task for task, _ in unread()]
    assert tasks == [queue.STORE] * 2 + [queue.START]
    assert woken() == [one]


# ── What is told ─────────────────────────────────────────────────────────────
def test_a_line_is_counted_as_far_as_anybody_counts(
    alice: User, alice_client: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(key_queue, "PLACE_MAX", 3)
    monkeypatch.setattr(lifecycle, "PLACE_MAX", 3)
    ids = [factories.job(alice).pk for _ in range(6)]
    assert [lifecycle.places(ids)[each] for each in ids] == [1, 2, 3, 4, 4, 4]
    page = alice_client.get("/").content.decode()
    assert (page.count("3rd in line"), page.count("Beyond 3rd in line")) == (4, 3)


def test_a_place_in_a_line_is_counted_by_its_index_alone(alice: User) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a small table is read as a whole elsewhere")
    plan = key_queue._places(factories.job(alice).pk).explain()
    assert "USING INDEX job_line (credential_id=? AND created_at<?)" in plan


def test_a_line_that_moves_is_not_overdue_and_one_that_stands_is(alice: User) -> None:
    order(alice, 2)
    gone = factories.run(factories.job(alice))
    Job.objects.filter(status=Status.QUEUED).update(wake_at=clock.after(-3600))
    assert overdue.counted()["orders"] == 0
    Job.objects.filter(pk=gone.pk).update(sent_at=clock.after(-3600))
    assert overdue.counted()["orders"] == 2
    Credential.objects.update(state=Credential.State.REJECTED)
    assert overdue.counted()["orders"] == 0
