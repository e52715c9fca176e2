"""Databases, disks and queues that fail in the middle of it (20-22, 24, 25)."""

from __future__ import annotations

import gc
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import Error as DatabaseProblem
from django.db import OperationalError, connection

from jobs import follower, ledger, lifecycle
from jobs.models import Budget, Job, LedgerEntry, Rendition, User
from jobs.times import clock
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.pages.composer_form import composer
from tests.support.running import drain_queue, follow, purge_queue
from tests.support.sending import Database
from tests.support.servers.elsewhere import PATIENCE, elsewhere, wait_for
from tests.support.servers.interrupting import after_the_answer, hang_up_on_us

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

only_sqlite = pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="a matter of SQLite's one lock"
)


@pytest.fixture
def precious(provider: Wire, alice: User) -> Job:
    """A queued job that the provider is about to take, under the id `precious`."""
    provider.answer(json=kie.accepted("precious"))
    job = factories.job(alice)
    purge_queue()
    return job


# ── The database (20, 21, 24) ────────────────────────────────────────────────
def require_kept_on_disk_and_replayed(job: Job, provider: Wire) -> None:
    """The database did not take the id of `precious`: the disk did, until the next sweep."""
    connection.close()
    (kept,) = Path(settings.SPOOL_DIR).glob("*.json")
    assert "precious" in kept.read_text()
    follower.sweep()
    job.refresh_from_db()
    assert (job.status, job.external_id, len(provider.posts)) == ("running", "precious", 1)
    assert not kept.exists()


def test_an_id_survives_the_end_of_the_connection_to_the_database(
    provider: Wire, precious: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_the_answer(monkeypatch, hang_up_on_us)
    lifecycle.start(precious.pk)
    require_kept_on_disk_and_replayed(precious, provider)


@contextmanager
def another_writer() -> Iterator[None]:
    """Somebody who holds SQLite's only write lock."""
    writer = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        writer.execute("ROLLBACK")
        writer.close()


def patience(milliseconds: int) -> None:
    """How long this connection waits for the lock; the next one has the setting again."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")


@only_sqlite
def test_an_id_that_meets_a_locked_database_waits_on_disk(
    provider: Wire, precious: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as turn:

        def lock_for_longer_than_we_wait() -> None:
            patience(50)
            turn.enter_context(another_writer())

        after_the_answer(monkeypatch, lock_for_longer_than_we_wait)
        lifecycle.start(precious.pk)
    # Django closes no cursor of a BEGIN that failed: its error keeps it, and itself, in a circle.
    gc.collect()
    require_kept_on_disk_and_replayed(precious, provider)


@only_sqlite
def test_an_id_that_meets_a_short_lock_waits_for_its_turn(
    precious: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, ready = threading.Event(), threading.Event()

    def write() -> None:
        with another_writer():
            locked.set()
            ready.wait(PATIENCE)
            # Held on while the other side is already waiting for it.
            threading.Event().wait(0.2)

    writer = threading.Thread(target=write)

    def meet_the_lock() -> None:
        writer.start()
        locked.wait(PATIENCE)
        ready.set()

    after_the_answer(monkeypatch, meet_the_lock)
    lifecycle.start(precious.pk)
    writer.join()
    precious.refresh_from_db()
    assert (precious.status, precious.external_id) == ("running", "precious")
    assert not list(Path(settings.SPOOL_DIR).glob("*"))
    assert connection.settings_dict["OPTIONS"]["timeout"] >= 20


HALF_WAY = {
    "holding": "from tests import factories; factories.job(User.objects.get())",
    "settling": (
        "from jobs.models import Job; from jobs.providers.base import *; "
        "lifecycle.observe(Job.objects.get().pk, "
        "Snapshot(State.SUCCEEDED, (Result('https://x.example/a.mp4', '720p'),)))"
    ),
}


@pytest.mark.parametrize("who", ["our process", "the database"])
@pytest.mark.parametrize("act", HALF_WAY.values(), ids=HALF_WAY)
def test_what_was_killed_half_way_through_the_books_never_happened(
    provider: Wire, alice: User, act: str, who: str
) -> None:
    """Killed after the entry was written and before the budget was moved."""
    if "observe" in act:
        provider.answer(json=kie.accepted())
        factories.job(alice)
        drain_queue()
    if who == "the database" and connection.vendor == "sqlite":
        pytest.skip("SQLite has no process of its own: it dies with ours")
    before = books()
    victim = "os.getpid()" if who == "our process" else "connection.connection.info.backend_pid"
    code = (
        "import os, time; from django.db import connection; from jobs import lifecycle; "
        "from jobs.models import User\n"
        "def strike(execute, sql, params, many, context):\n"
        "    if sql.startswith('UPDATE') and 'jobs_budget' in sql:\n"
        f"        os.kill({victim}, 9); time.sleep(1)\n"
        "    return execute(sql, params, many, context)\n"
        "with connection.execute_wrapper(strike):\n"
        f"    {act}"
    )
    connection.close()
    with elsewhere(code) as worker:
        assert worker.wait() != 0
    wait_for(database_answers)
    assert books() == before
    assert ledger.audit() == []


def books() -> tuple[object, ...]:
    jobs = list(Job.objects.values_list("pk", "status"))
    entries = list(LedgerEntry.objects.values_list("kind", "credits", "held"))
    return jobs, entries, list(Budget.objects.values_list("balance", "held"))


def database_answers() -> bool:
    try:
        connection.ensure_connection()
        Job.objects.exists()
    except DatabaseProblem:
        connection.close()
        return False
    return True


# ── Disks (22) ───────────────────────────────────────────────────────────────
@contextmanager
def full_disk() -> Iterator[None]:
    """SQLite's own word for a disk that is full; of PostgreSQL its error."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            pages = cursor.execute("PRAGMA page_count").fetchone()[0]
            cursor.execute(f"PRAGMA max_page_count = {pages}")
            try:
                yield
            finally:
                cursor.execute("PRAGMA max_page_count = 4294967294")
        return

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT"):
            raise OperationalError("could not extend file: No space left on device")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def test_a_full_disk_at_the_hold_is_a_refusal_and_nothing_was_begun(
    provider: Wire, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.grant(alice, 100_000, reason="for a test", actor=None)
    browser = factories.signed_in(alice)
    with full_disk():
        answer, before = browser.get("/"), books()
        for number in range(200):
            before = books()
            answer = browser.post("/", composer(prompt=f"A lake at dawn, try {number}. " * 60))
            if answer.status_code != 302:
                break
        assert answer.status_code == 422
        assert "couldn’t save this" in answer.content.decode()
        assert books() == before
    again = browser.post("/", composer(prompt="A lake at noon"))
    assert again.status_code == 302
    assert ledger.audit() == []
    purge_queue()


def test_with_the_database_full_and_the_disk_too_the_log_has_job_and_task(
    precious: Job, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SPOOL_DIR = Path("/dev/full/spool")
    with connection.execute_wrapper(Database(failures=1)):
        lifecycle.start(precious.pk)
    (line,) = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert str(precious.pk) in line.getMessage()
    assert "precious" in line.getMessage()


# ── A purged queue (25) ──────────────────────────────────────────────────────
def test_fifty_live_jobs_all_finish_after_their_queue_was_purged(
    provider: Wire, alice: User
) -> None:
    ledger.grant(alice, 5000, reason="for a test", actor=None)
    ids = iter(range(100))
    provider.reply(lambda _: kie.accepted(f"task-{next(ids)}"), path="generate", always=True)
    provider.reply(
        lambda seen: kie.succeeded(f"{provider.url}/film.mp4", seen.query["taskId"]),
        path="record-info",
        always=True,
    )
    provider.answer(body=films.film(), path="film.mp4", always=True)
    for _ in range(18):
        factories.job(alice, model="veo3_lite")
    drain_queue()
    for _ in range(32):
        factories.job(alice, model="veo3_lite")
    assert Job.objects.exclude(status="queued").count() == 18
    purge_queue()
    for _ in range(40):
        factories.forget_rates()
        Rendition.objects.filter(state="waiting").update(try_at=clock.after(-1))
        follow()
        if not Rendition.objects.exclude(state="stored").exists() and in_the_end():
            break
        purge_queue()
    assert set(Job.objects.values_list("status", "renditions__state")) == {("succeeded", "stored")}
    assert len(provider.posts) == 50
    assert ledger.audit() == []


def in_the_end() -> bool:
    return not Job.objects.exclude(status="succeeded").exists()
