"""The line to PostgreSQL is kept between requests, and seldom tried before it is used."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection

from tests.support.servers.interrupting import hang_up_on_us

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.data,
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="it has none"),
]


def latest_question() -> str:
    """That was asked on our line, as another one sees it."""
    pid = connection.connection.info.backend_pid
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid])
            return str(cursor.fetchone()[0])
    finally:
        other.close()


def test_a_server_is_asked_whether_it_is_there_only_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection.ensure_connection()
    assert connection.is_usable()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 42")
    assert connection.is_usable()
    assert latest_question() == "SELECT 42"
    monkeypatch.setattr("veo_site.postgresql.base.ASKED_AFTER", 0)
    assert connection.is_usable()
    assert latest_question() == "SELECT 1"


def test_a_server_that_said_goodbye_is_not_taken_for_one_that_is_there() -> None:
    connection.ensure_connection()
    assert connection.is_usable()
    hang_up_on_us()
    assert not connection.is_usable()
    connection.close()


def test_after_an_error_the_server_is_asked_at_once() -> None:
    connection.ensure_connection()
    assert connection.is_usable()
    connection.errors_occurred = True
    assert connection.is_usable()
    assert latest_question() == "SELECT 1"
    connection.errors_occurred = False
