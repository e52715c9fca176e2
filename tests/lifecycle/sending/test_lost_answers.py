"""Against the practice provider itself, over real HTTP both ways: every answer is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from jobs import follower, ledger, lifecycle
from jobs.models import Budget, Job, User
from jobs.practice import Options, PracticeServer
from tests.support import factories
from tests.support.answers.declaring import declare
from tests.support.racing import together
from tests.support.running import drain_queue, purge_queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

NUMBER = 50


@pytest.fixture
def practice(live_server: LiveServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A practice provider that takes every job, drops every answer, and calls us back."""
    options = Options(
        kie_keys=[factories.CANARY_KEY],
        balance=Decimal(100_000),
        rate_limit=1000,
        seconds=0,
        queue_seconds=0,
        fps=2,
        reuse_films=True,
        faults=["accept-then-drop"],
        callback_pause=0,
    )
    declare(monkeypatch, "kie", creations_per_10s=1000, asks_per_second=1000)
    with PracticeServer(options) as server:
        settings.KIE_BASE_URL = settings.KIE_UPLOAD_URL = server.url
        settings.ARCHIVE_HOSTS = [server.url.removeprefix("http://")]
        settings.CALLBACK_BASE = live_server.url
        yield server


def test_fifty_lost_answers_are_paid_once_each_and_all_come_back(
    practice: PracticeServer, alice: User
) -> None:
    ledger.grant(alice, NUMBER * 30, reason="for a test", actor=None)
    jobs = [factories.job(alice, model="veo3_lite", duration=4, seed=12345) for _ in range(NUMBER)]
    purge_queue()

    def start(share: int) -> None:
        for job in jobs[share::10]:
            lifecycle.start(job.pk)

    together(10, start)

    assert len(practice.tasks) == NUMBER
    assert Budget.objects.get(owner=alice).held == NUMBER * 30

    arrived = practice.wait_until(
        lambda: all(task.callbacks_taken for task in practice.tasks), seconds=60
    )
    assert arrived
    for _ in range(20):
        drain_queue()
        for job in follower.allowed(follower.claim_due()):
            follower.ask(job)
    assert set(Job.objects.values_list("status", flat=True)) == {"succeeded"}
    assert len(practice.tasks) == NUMBER
    assert ledger.audit() == []
