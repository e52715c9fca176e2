"""Workers that are killed, stopped, doubled or orphaned while they send (1-3, 15, 18, 19)."""

from __future__ import annotations

import os
import signal
import time

import pytest
from django.test import Client
from django_q.brokers import get_broker

from jobs import follower, ledger, queue
from jobs.management.commands import follow as follow_command
from jobs.models import Job, LedgerEntry, User
from jobs.times import clock
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.running import drain_queue, follow, purge_queue
from tests.support.sending import held
from tests.support.servers.elsewhere import elsewhere, end_all, family_of, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def start_of(job: Job) -> str:
    return f"from uuid import UUID; from jobs import lifecycle; lifecycle.start(UUID('{job.pk}'))"


def killed_sending(job: Job, wire: Wire) -> None:
    """A worker sends the job, and is killed while it waits for the answer."""
    with elsewhere(start_of(job), KIE_BASE_URL=wire.url, PUBLIC_URL="https://dailies.example"):
        wire.wait_for(1)


def lease_runs_out() -> None:
    assert Job.objects.filter(status="submitting").update(lease_until=clock.after(-1))


# ── SIGKILL (1, 3, 19) ───────────────────────────────────────────────────────
def test_killed_before_connecting_the_card_asks_for_a_look_and_the_hold_stays(
    provider: Wire, alice: User
) -> None:
    job = factories.job(alice)
    purge_queue()
    code = (
        "import os; from uuid import UUID; from jobs.lifecycle.sending import paid_request; "
        "from jobs.providers import connection; "
        "connection.OneShot.send = lambda *_, **__: os.kill(os.getpid(), 9); "
        f"paid_request.start(UUID('{job.pk}'))"
    )
    with elsewhere(code, KIE_BASE_URL=provider.url) as worker:
        assert worker.wait() == -signal.SIGKILL
    lease_runs_out()
    follower.sweep()
    job.refresh_from_db()
    assert (job.status, held(alice), provider.connections) == ("uncertain", 60, 0)
    page = factories.signed_in(alice).get("/").content.decode()
    assert "Needs a look" in page


def test_an_abandoned_claim_is_found_within_half_a_minute_of_its_lease() -> None:
    """The other half of the promise: the follower looks far more often than that."""
    assert follow_command.SWEEP_EVERY * follow_command.ROUND_SECONDS <= 30


def test_a_job_of_a_killed_worker_is_archived_and_paid_for_once_after_its_callback(
    provider: Wire, alice: User
) -> None:
    provider.hang()
    job = factories.job(alice)
    purge_queue()
    killed_sending(job, provider)
    lease_runs_out()
    follower.sweep()
    sent = provider.posts[0].json
    echo = kie.echo(sent["prompt"], sent["seeds"], sent["callBackUrl"])
    done = kie.succeeded(f"{provider.url}/film.mp4", "found", **echo)
    provider.answer(json=done, path="record-info", always=True)
    provider.answer(body=films.film(), path="film.mp4")
    for _ in range(3):
        body = kie.callback("found")
        Client().post(kie.callback_path(provider), body, content_type="application/json")
        follow()
    job.refresh_from_db()
    assert (job.status, job.charged, held(alice)) == ("succeeded", 60, 0)
    assert job.renditions.get().is_stored
    assert LedgerEntry.objects.of_people().filter(kind="settle").count() == 1
    assert len(provider.posts) == 1


def test_a_task_that_kills_every_worker_is_taken_up_once_and_flagged(
    provider: Wire, alice: User
) -> None:
    """As the system's memory guard would: django-q2 alone would hand it out for ever."""
    job = factories.job(alice)
    purge_queue()
    code = (
        "import os; from uuid import UUID; from jobs.lifecycle.sending import paid_request; "
        "paid_request._send = lambda *_: os.kill(os.getpid(), 9); "
        f"paid_request.start(UUID('{job.pk}'))"
    )
    ended = []
    for _ in range(3):
        with elsewhere(code) as worker:
            ended.append(worker.wait())
        Job.objects.filter(status="submitting").update(lease_until=clock.after(-1))
        follower.sweep()
    job.refresh_from_db()
    assert ended == [-signal.SIGKILL, 0, 0]
    assert (job.status, job.claims, job.error_code) == ("uncertain", 1, "worker-gone")
    assert drain_queue() == 0


# ── Several clusters at once (15) ────────────────────────────────────────────
def test_two_clusters_and_an_orphaned_one_send_twenty_jobs_once_each(
    provider: Wire, alice: User
) -> None:
    ledger.grant(alice, 1000, reason="for a test", actor=None)
    ids = iter(range(100))
    provider.reply(lambda _: kie.accepted(f"task-{next(ids)}"), path="generate", always=True)
    environment = {"KIE_BASE_URL": provider.url, "Q_WORKERS": 2}
    cluster = "from django.core.management import call_command; call_command('qcluster')"
    with (
        elsewhere(cluster, **environment) as orphaned,
        elsewhere(cluster, **environment) as one,
        elsewhere(cluster, **environment) as other,
    ):
        clusters = (orphaned, one, other)
        wait_for(lambda: all(len(family_of(each.pid)) >= 6 for each in clusters))
        families = [pid for each in clusters for pid in family_of(each.pid)]
        try:
            orphaned.kill()
            jobs = [factories.job(alice, model="veo3_lite") for _ in range(20)]
            for _ in range(2):
                for job in jobs:
                    queue.start(job.pk)
            wait_for(lambda: Job.objects.filter(status="running").count() == 20)
            wait_for(lambda: not waiting_tasks())
        finally:
            end_all(families)
    assert len(provider.posts) == 20
    assert Job.objects.values("external_id").distinct().count() == 20


def waiting_tasks() -> int:
    return int(get_broker().queue_size())


# ── SIGSTOP (18) ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize("judged", [False, True], ids=["within its lease", "after its lease"])
def test_a_worker_that_was_stopped_before_sending_sends_nothing_when_it_goes_on(
    provider: Wire, alice: User, judged: bool
) -> None:
    job = factories.job(alice)
    purge_queue()
    code = (
        "import os, signal; from uuid import UUID; from jobs.secrets import vault; "
        "from jobs.lifecycle.sending import claims, paid_request; "
        "claims.DEADLINE_SECONDS = 0.2; unseal = vault.unseal; "
        "vault.unseal = lambda *a: (os.kill(os.getpid(), signal.SIGSTOP), unseal(*a))[1]; "
        f"paid_request.start(UUID('{job.pk}'))"
    )
    with elsewhere(code, KIE_BASE_URL=provider.url) as worker:
        _, status = os.waitpid(worker.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        stopped = time.monotonic()
        wait_for(lambda: time.monotonic() > stopped + 0.3)
        if judged:
            lease_runs_out()
            follower.sweep()
        worker.send_signal(signal.SIGCONT)
        assert worker.wait() == 0
    job.refresh_from_db()
    assert (job.status, held(alice), provider.connections) == ("queued", 60, 0)
