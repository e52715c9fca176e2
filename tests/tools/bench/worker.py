"""Submissions through one worker beside tasks that do nothing, on the same queue and cluster."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django_q.brokers import get_broker
from django_q.tasks import async_task

from jobs import queue
from jobs.models import Job
from jobs.models.jobs.status import Status
from tests.support import factories
from tests.tools.bench import private, seeds
from tests.tools.bench.clients.load import Outcome
from tests.tools.bench.report import Pair

JOBS_PER_KEY = 18
"""Below the provider's limit of 20 in 10 seconds, which is not what is measured here."""
KEYS = 8
NOTHINGS = 400
ROUNDS = 2
NOTHING = "builtins.len"


def measure() -> Iterator[Pair]:
    factories.seed_prices()
    queue.UNREAD_MAX = KEYS * JOBS_PER_KEY  # no follower deals any out here
    port = urlsplit(os.environ["KIE_BASE_URL"]).port
    batches = [_submitted(number) for number in range(ROUNDS)]
    get_broker().purge_queue()
    ours, bare = Outcome(), Outcome()
    with (
        private.process("-m", "tests.tools.bench.standin", str(port)),
        private.process("manage.py", "work", "--grace", "5", Q_WORKERS="1"),
    ):
        _time(Outcome(), NOTHINGS, _nothing, _queue_is_empty)
        for batch in batches:
            _time(bare, NOTHINGS, _nothing, _queue_is_empty)
            _time(ours, len(batch), partial(_start, batch), partial(_all_accepted, batch))
    yield Pair("submissions through one worker", ours, bare, target=0.35)


def _submitted(number: int) -> list[UUID]:
    people = [seeds.member(f"sender-{number}-{index}") for index in range(KEYS)]
    return [factories.job(person).pk for person in people for _ in range(JOBS_PER_KEY)]


def _start(batch: list[UUID]) -> None:
    for job_id in batch:
        queue.start(job_id)


def _all_accepted(batch: list[UUID]) -> bool:
    return Job.objects.filter(pk__in=batch, status=Status.RUNNING).count() == len(batch)


def _nothing() -> None:
    for _ in range(NOTHINGS):
        if settings.Q_BROKER == "orm":
            async_task(NOTHING, "")
        else:
            transaction.on_commit(partial(async_task, NOTHING, ""))


def _queue_is_empty() -> bool:
    broker = get_broker()
    return not broker.queue_size() and not broker.lock_size()


def _time(
    outcome: Outcome, number: int, enqueue: Callable[[], None], done: Callable[[], bool]
) -> None:
    """From the moment the tasks are there, all at once, until the last one is done."""
    started: list[float] = []
    with transaction.atomic():
        transaction.on_commit(lambda: started.append(time.monotonic()))
        enqueue()
    private.wait_for(done, 60, pause=0.01)
    outcome.seconds += time.monotonic() - started[0]
    outcome.done += number
