"""SIGKILL in the worst moments: nothing is paid twice, and nothing is lost."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs import follower, ledger, lifecycle
from jobs.models import Job, User
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow, purge_queue
from tests.support.servers.child_processes import spawn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def start_elsewhere(job: Job, wire: Wire) -> None:
    """Have another process send the job, and kill it while it waits for the answer."""
    worker = spawn(
        f"from uuid import UUID; from jobs import lifecycle; lifecycle.start(UUID('{job.pk}'))",
        KIE_BASE_URL=wire.url,
        PUBLIC_URL="https://dailies.example",
    )
    try:
        wire.wait_for(1)
    finally:
        worker.kill()
        worker.wait()


def lease_runs_out(job: Job) -> None:
    assert Job.objects.filter(pk=job.pk, status="submitting").update(
        lease_until="2000-01-01T00:00Z"
    )
    follower.sweep()
    job.refresh_from_db()


@pytest.fixture
def killed(provider: Wire, alice: User) -> Job:
    """A job whose worker was killed after the provider took it and before its id was stored."""
    provider.hang()
    job = factories.job(alice)
    purge_queue()
    start_elsewhere(job, provider)
    lease_runs_out(job)
    return job


def test_a_killed_worker_leaves_the_job_needing_a_look(killed: Job, alice: User) -> None:
    assert (killed.status, killed.get_status_display()) == ("uncertain", "Needs a look")
    assert ledger.granted_to(alice).held == 60


def test_whatever_the_queue_redelivers_it_is_not_sent_again(provider: Wire, killed: Job) -> None:
    for _ in range(5):
        lifecycle.start(killed.pk)
        follow()
    assert len(provider.posts) == 1


def test_its_callback_brings_it_back(provider: Wire, killed: Job) -> None:
    sent = provider.posts[0].json
    answer = Client().post(
        kie.callback_path(provider), kie.callback("found"), content_type="application/json"
    )
    echo = kie.echo(sent["prompt"], sent["seeds"], sent["callBackUrl"])
    provider.answer(json=kie.running("found", **echo))
    drain_queue()
    killed.refresh_from_db()
    assert (answer.status_code, killed.status, killed.external_id) == (200, "running", "found")


def test_killed_before_anything_was_sent_it_needs_a_look_too(provider: Wire, alice: User) -> None:
    """Nobody can know that nothing was sent, so nothing is assumed."""
    job = factories.job(alice)
    purge_queue()
    worker = spawn(
        "import os; from uuid import UUID; from jobs.lifecycle.sending import paid_request; "
        "paid_request._send = lambda *_: os.kill(os.getpid(), 9); "
        f"paid_request.start(UUID('{job.pk}'))"
    )
    assert worker.wait() == -9
    lease_runs_out(job)
    assert (job.status, provider.posts) == ("uncertain", [])
