"""Has something happen in the one moment in which a paid job could be forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection

from jobs.lifecycle.sending import paid_request
from jobs.lifecycle.sending.claims import Claim
from jobs.providers.base import Receipt


def after_the_answer(monkeypatch: pytest.MonkeyPatch, strike: Callable[[], object]) -> None:
    """Have `strike` run between each provider's acceptance and our commit of its id."""
    send = paid_request._send

    def send_and_be_struck(claim: Claim) -> Receipt:
        receipt = send(claim)
        strike()
        return receipt

    monkeypatch.setattr(paid_request, "_send", send_and_be_struck)


def hang_up_on_us() -> None:
    """End this thread's connection as a restarted server would, unasked; it is over then."""
    if connection.vendor == "sqlite":
        connection.connection.close()
        return
    pid = connection.connection.info.backend_pid
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    finally:
        other.close()


@contextmanager
def gone_at(table: str) -> Iterator[None]:
    """The database is away for whoever asks it about this table."""

    def ask(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if f'FROM "{table}"' in sql:
            raise OperationalError("connection refused")
        return execute(sql, *rest)

    with connection.execute_wrapper(ask):
        yield
