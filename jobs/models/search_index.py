"""The indexes by which PostgreSQL finds words within texts. SQLite reads all rows instead."""

from __future__ import annotations

from django.db import NotSupportedError, OperationalError, ProgrammingError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("jobs_job", "jobs_auditevent")


def build(connection: BaseDatabaseWrapper) -> None:
    """Build them where the database can: they speed searches up, and change no answer."""
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            # Trusted, so that whoever may create tables in a database of their own may do this.
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except (ProgrammingError, NotSupportedError, OperationalError):
        return
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"CREATE INDEX {table}_words ON {table} USING gin (searchable gin_trgm_ops)"
            )


def drop(connection: BaseDatabaseWrapper) -> None:
    """Undo `build`."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"DROP INDEX IF EXISTS {table}_words")
