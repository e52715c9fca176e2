"""Without a database: one line, growing pauses, and pages that say so and come back."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection
from django.test import Client
from django_q.brokers.redis_broker import Redis as RedisBroker
from django_q.conf import Conf

from jobs import archive, carrier, database, tasks
from jobs.management import cluster
from jobs.management.attempting import attempt
from jobs.management.commands import follow
from jobs.models import Budget, User
from tests.operations.commands.test_commands import rounds
from tests.support import factories
from tests.support.answers.callbacks import post
from tests.support.servers.interrupting import gone_at, hang_up_on_us
from tests.tools.servers import free_port
from veo_site.configuration.surroundings import existing_file
from veo_site.telling.repeating import OnceAMinute

__all__ = ["rounds"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


@contextmanager
def away() -> Iterator[None]:
    """Whoever connects finds nobody."""
    facts = connection.settings_dict
    before = {name: facts[name] for name in ("NAME", "HOST", "PORT")}
    gone = {"NAME": "/nowhere/db"} if connection.vendor == "sqlite" else {"PORT": free_port()}
    connection.close()
    facts.update(gone)
    try:
        yield
    finally:
        connection.close()
        facts.update(before)


@pytest.fixture(autouse=True)
def _well() -> Iterator[None]:
    yield
    database.AWAY.over()


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


def test_pages_say_that_they_come_back_and_do(
    alice_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    alice_client.raise_request_exception = False
    with away():
        for path in ("/", "/library/", "/login/", "/jobs/poll/"):
            answer = alice_client.get(path)
            assert (answer.status_code, answer["Retry-After"]) == (503, "10"), path
            assert "Back in a moment" in answer.content.decode()
        for token in ("a", "b", "c"):
            # Not kept, so not called received; said of the database, and not of each that comes.
            assert post(alice_client, f"/webhooks/kie/{43 * token}/").status_code == 503
        assert alice_client.get("/healthz").status_code == 200
    assert alice_client.get("/").status_code == 200
    told = lines(caplog)
    assert [each.partition(" (")[0] for each in told] == [
        "The database can’t be reached",
        "The database is back.",
    ]
    assert "Traceback" not in caplog.text


def test_no_empty_file_comes_into_the_place_of_one_that_was_put_aside(
    alice_client: Client, tmp_path: Path
) -> None:
    put_aside = tmp_path / "a database %.sqlite3"
    alice_client.raise_request_exception = False
    with away():
        if connection.vendor == "sqlite":
            connection.settings_dict["NAME"] = existing_file(str(put_aside))
            assert database.file() == put_aside
        assert alice_client.get("/").status_code == 503
        assert not put_aside.exists()
        database.make_file()
        assert put_aside.exists() == (connection.vendor == "sqlite")


def test_workers_wait_longer_and_longer_for_their_broker_and_say_so_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conf, "REDIS", f"redis://127.0.0.1:{free_port()}/0")
    stopped = Stopped()
    cluster.push(None, stopped, RedisBroker())
    assert stopped.waits == [0.5, 1, 2, 4]
    assert [each.partition(" (")[0] for each in lines(caplog)] == ["The broker can’t be reached"]
    carrier.answered()


def test_what_is_done_is_no_end_of_who_looks_on_where_the_broker_takes_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conf, "REDIS", f"redis://127.0.0.1:{free_port()}/0")
    done: SimpleQueue[Any] = SimpleQueue()
    for number in range(3):
        task = {"success": True, "ack_id": number, "func": "jobs.tasks.beat", "name": "x"}
        done.put({**task, "id": number, "save": False})
    done.put("STOP")
    broker = RedisBroker()
    broker.acknowledge = broker.connection.delete
    cluster.look_on(done, broker)
    assert [each.partition(" (")[0] for each in lines(caplog)] == ["The broker can’t be reached"]
    assert done.empty()
    carrier.answered()


class Stopped:
    """Is set after some waits, which it does not wait."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    def is_set(self) -> bool:
        return len(self.waits) == 4


def test_what_is_wrong_with_a_question_is_told_in_full(
    alice_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    def wrong(*_: object) -> None:
        with connection.cursor() as cursor:
            cursor.connection.execute("SELECT nothing FROM nowhere")

    alice_client.raise_request_exception = False
    with connection.execute_wrapper(wrong):
        assert alice_client.get("/").status_code == 500
    assert "nowhere" in caplog.text


def test_the_follower_waits_longer_and_longer_and_says_so_once(
    alice: User, rounds: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    follower = follow.Command()
    with pytest.MonkeyPatch.context() as patch, away():
        patch.setattr("jobs.readiness.starting.require", lambda: None)
        follower.handle(seconds=0.2, once=False)
    assert rounds == sorted(set(rounds))
    assert rounds[0] > 0.2
    (line,) = lines(caplog)
    assert line.startswith("The database can’t be reached")


@pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="it has no line")
def test_a_database_whose_machine_vanishes_is_given_up_within_seconds() -> None:
    """Not after the quarter of an hour for which a system goes on sending what nobody confirms."""
    connection.ensure_connection()
    line = socket.socket(fileno=os.dup(connection.connection.fileno()))
    with line:
        assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= 15
        assert 0 < line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 15_000


def test_what_a_worker_has_in_hand_then_is_no_failure_of_each_task(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row stays due. That something is wrong with a question is one all the same."""
    with away():
        for task in (tasks.start, tasks.store, tasks.store):
            task(str(uuid4()))
    (line,) = lines(caplog)
    assert line.startswith("The database can’t be reached")

    def store(_: object) -> None:
        raise ProgrammingError("no such table")

    monkeypatch.setattr(archive, "store", store)
    with pytest.raises(ProgrammingError):
        tasks.store(str(uuid4()))


def test_a_database_that_goes_while_budgets_are_looked_at_is_said_in_one_line(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    job = factories.job(alice)
    with gone_at(Budget.objects.model._meta.db_table):
        tasks._notice(job.pk)
    (line,) = lines(caplog)
    assert (line.partition(" (")[0], "Traceback" in caplog.text) == (
        "The database can’t be reached",
        False,
    )


@pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="never restarted")
def test_a_thread_of_the_follower_loses_no_answer_to_a_restart_that_is_over(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[bool] = []
    for _ in range(2):
        attempt(lambda: asked.append(User.objects.exists()), "asking broke")
        hang_up_on_us()
    assert asked == [True, True]
    assert lines(caplog) == []
    connection.close()


@pytest.mark.parametrize("name", ["SQLITE_BUSY", "SQLITE_FULL", "SQLITE_CANTOPEN"])
def test_a_database_that_is_locked_or_has_no_room_is_away_for_now(name: str) -> None:
    error, cause = OperationalError("x"), RuntimeError("x")
    vars(cause)["sqlite_errorname"] = name
    error.__cause__ = cause
    assert database.is_away(error)


def test_a_line_that_comes_again_and_again_is_logged_once_a_minute() -> None:
    once = OnceAMinute()

    def record(text: str) -> logging.LogRecord:
        error = (OSError, OSError("no route"), None)
        return logging.LogRecord("django-q", logging.ERROR, "", 0, text, None, error)

    records = [record(text) for text in ("a", "a", "b", "a", "b")]
    assert [once.filter(each) for each in records] == [True, False, True, False, False]
    assert (records[0].getMessage(), records[0].exc_info) == ("a: OSError: no route", None)
