"""Runs what the workers would run, now and in this process."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.db import connection
from django_q.brokers import get_broker
from django_q.signing import SignedPackage

from jobs import follower, queue
from jobs.models import Credential, Job
from jobs.models.jobs.status import Status


def drain_queue() -> int:
    """Run every queued task and ask every due question, and what these bring; how many tasks.

    What asks for a heartbeat does nothing, and does not count.
    """
    broker, ran = get_broker(), 0
    while True:
        _run_on_commit()
        asked = follower.allowed(follower.claim_due())
        for job in asked:
            follower.ask(job)
        _run_on_commit()
        if not asked and not broker.queue_size():
            return ran
        if not broker.queue_size():
            continue
        for receipt, package in broker.dequeue() or []:
            task = SignedPackage.loads(package)
            module, _, name = task["func"].rpartition(".")
            getattr(import_module(module), name)(*task["args"])
            broker.acknowledge(receipt)
            ran += task["func"] != queue.BEAT


def unread() -> list[tuple[str, str]]:
    """The wake-ups that no worker has read, as task and row, in the order of their sending."""
    _run_on_commit()
    broker = get_broker()
    if settings.Q_BROKER == "orm":
        packages = list(broker.get_connection().order_by("pk").values_list("payload", flat=True))
    else:
        packages = broker.connection.lrange(broker.list_key, 0, -1)
    tasks = [SignedPackage.loads(package) for package in packages]
    return [(task["func"], *task["args"]) for task in tasks if task["func"] != queue.BEAT]


def purge_queue() -> None:
    """Forget every wake-up, as a lost broker would."""
    _run_on_commit()
    get_broker().purge_queue()


def follow() -> None:
    """One round of the follower with everything due at once, and what it woke."""
    Job.objects.filter(check_at__isnull=False).update(check_at="2000-01-01T00:00Z")
    Job.objects.filter(status=Status.QUEUED).update(
        try_at="2000-01-01T00:00Z", wake_at="2000-01-01T00:00Z"
    )
    follower.sweep()
    drain_queue()


def read_balances() -> None:
    """Ask about every key at once, as the follower does every ten minutes."""
    Credential.objects.update(checked_at=None)
    for credential in follower.claim_keys():
        follower.read_balance(credential)
    _run_on_commit()


def probe() -> None:
    """Try at once whether providers that could not be reached answer again, as the follower does
    after growing pauses, and run what that wakes.
    """
    follower.sweep()
    drain_queue()
    Credential.objects.out_of_reach().update(probe_at="2000-01-01T00:00Z")
    for credential in follower.claim_probes():
        follower.probe(credential)
    follower.sweep()
    drain_queue()


def _run_on_commit() -> None:
    """Inside a test's own transaction nothing commits, so its callbacks are run by hand."""
    pending, connection.run_on_commit = connection.run_on_commit, []
    for entry in pending:
        entry[1]()
