"""A test that leaves the database open is named, and the next one has the database to itself."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections

from tests.support.states import left_open

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


class Elsewhere(Thread):
    """A thread with a connection of its own, which it closes if it is asked to."""

    def __init__(self, *, closes: bool) -> None:
        super().__init__()
        self.closes, self.connected, self.over = closes, Event(), Event()
        self.connection: Any = None
        self.start()
        self.connected.wait(30)

    def run(self) -> None:
        self.connection = connections["default"]
        self.connection.ensure_connection()
        self.connected.set()
        self.over.wait(30)
        if self.closes:
            self.connection.close()

    def end(self) -> None:
        self.over.set()
        self.join()


def test_who_started_a_thread_that_ended_with_its_connection_open_is_named(
    request: pytest.FixtureRequest,
) -> None:
    thread = Elsewhere(closes=False)
    thread.end()
    assert left_open.by() == [request.node.nodeid]
    assert thread.connection.connection is None
    assert left_open.by() == []


def test_a_thread_that_is_at_work_may_have_one_and_one_that_closed_it_may_end() -> None:
    thread = Elsewhere(closes=True)
    assert left_open.by() == []
    thread.end()
    assert left_open.by() == []


@pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="it is a matter of its file"
)
def test_who_keeps_the_file_open_by_a_cursor_is_named(request: pytest.FixtureRequest) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT name FROM sqlite_master")
    connection.close()
    assert left_open.by() == [request.node.nodeid]
    del cursor
    assert left_open.by() == []
