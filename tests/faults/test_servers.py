"""Workers that are told to stop while they send (23)."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from jobs.models import Job, User
from tests.support import factories, kie
from tests.support.elsewhere import elsewhere, family_of
from tests.support.fakes import Wire

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_workers_told_to_stop_finish_what_they_send_and_begin_nothing_new(
    provider: Wire, alice: User
) -> None:
    release = threading.Event()
    provider.answer(json=kie.accepted("task-1"), after=release)
    for _ in range(12):
        factories.job(alice, model="veo3_lite")
    code = "from django.core.management import call_command; call_command('work', grace=30)"
    with elsewhere(code, KIE_BASE_URL=provider.url, Q_WORKERS=1) as work:
        provider.wait_for(1)
        cluster = family_of(work.pid)
        work.send_signal(signal.SIGTERM)
        release.set()
        assert work.wait(30) == 0
    assert [pid for pid in cluster if Path(f"/proc/{pid}").exists()] == []
    assert len(provider.posts) == 1
    assert Job.objects.filter(status="running", external_id="task-1").count() == 1
    # What had been dequeued already is found again by its row.
    assert Job.objects.filter(status="queued", claims=0).count() == 11
