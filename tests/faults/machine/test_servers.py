"""Workers that are told to stop while they send (23, 563)."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from jobs.models import Job, User
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.servers.elsewhere import elsewhere, family_of, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

FAMILY = 6
"""Processes of `manage.py work` with one worker: itself, the cluster, its guard, the worker, the
pusher and the monitor.
"""


def test_workers_told_to_stop_finish_what_they_send_and_begin_nothing_new(
    provider: Wire, alice: User
) -> None:
    release = threading.Event()
    provider.answer(json=kie.accepted("task-1"), after=release)
    for _ in range(12):
        factories.job(alice, model="veo3_lite")
    code = "from django.core.management import call_command; call_command('work', grace=30)"
    with elsewhere(code, KIE_BASE_URL=provider.url, Q_WORKERS=1) as work:
        wait_for(lambda: len(provider.posts) == 1)
        cluster = family_of(work.pid)
        work.send_signal(signal.SIGTERM)
        release.set()
        assert work.wait(30) == 0
    assert [pid for pid in cluster if Path(f"/proc/{pid}").exists()] == []
    assert len(provider.posts) == 1
    assert Job.objects.filter(status="running", external_id="task-1").count() == 1
    # What had been dequeued already is found again by its row.
    assert Job.objects.filter(status="queued", claims=0).count() == 11


def test_all_processes_told_to_stop_at_once_finish_what_they_send(
    provider: Wire, alice: User
) -> None:
    """As systemd does it unless told otherwise, and a terminal; by somebody who does not wait."""
    release = threading.Event()
    for number in range(4):
        provider.answer(json=kie.accepted(f"task-{number}"), after=release)
        factories.job(alice, model="veo3_lite")
    code = "from django.core.management import call_command; call_command('work')"
    with elsewhere(code, KIE_BASE_URL=provider.url, Q_WORKERS=4) as work:
        wait_for(lambda: len(provider.posts) == 4)
        tree = family_of(work.pid)
        asked = time.monotonic()
        for _ in range(3):
            for pid in tree:
                os.kill(pid, signal.SIGTERM)
        release.set()
        assert work.wait(30) == 0
        assert time.monotonic() - asked < 10
    assert [pid for pid in tree if Path(f"/proc/{pid}").exists()] == []
    assert [job.status for job in Job.objects.all()] == ["running"] * 4


def test_a_worker_that_hangs_over_its_task_is_killed_and_another_takes_its_place(
    provider: Wire, alice: User
) -> None:
    """It does not hear SIGTERM, with which django-q2 ends what hears no alarm either."""
    code = (
        "import signal, time; from django.core.management import call_command; "
        "from django_q.conf import Conf; from jobs import lifecycle; Conf.TIMEOUT = 1; "
        "deaf = lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM]); "
        "lifecycle.start = lambda _: (deaf(), time.sleep(600)); call_command('work')"
    )
    with elsewhere(code, Q_WORKERS=1) as work:
        wait_for(lambda: len(family_of(work.pid)) == FAMILY)
        first = set(family_of(work.pid))
        factories.job(alice)
        wait_for(lambda: len(first - set(family_of(work.pid))) == 1)
        wait_for(lambda: len(family_of(work.pid)) == FAMILY)
        work.send_signal(signal.SIGTERM)
        assert work.wait(30) == 0
