"""Orders that a worker has had, what is held for them, and a database that fails to note it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import OperationalError

from jobs import ledger
from jobs.models import Job, User
from tests.support import factories
from tests.support.running import drain_queue


def sent(owner: User, **changes: Any) -> Job:
    """A job after a worker had it."""
    job = factories.job(owner, **changes)
    drain_queue()
    job.refresh_from_db()
    return job


def held(owner: User) -> int:
    return ledger.granted_to(owner).held


class Database:
    """Stands between us and the database, and fails when told to."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if self.failures and sql.startswith("UPDATE") and '"external_id" =' in sql:
            self.failures -= 1
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)
