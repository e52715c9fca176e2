"""Triggers that refuse to change or delete a row once written, on SQLite and PostgreSQL."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("jobs_ledgerentry", "jobs_auditevent", "jobs_statement")
POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION jobs_refuse_change() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% rows are immutable', TG_TABLE_NAME USING ERRCODE = '23514'; END
$$ LANGUAGE plpgsql
"""


def protect(connection: BaseDatabaseWrapper) -> None:
    """Make the tables append-only."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTION)
        for table in TABLES:
            for event in ("UPDATE", "DELETE"):
                action = (
                    "EXECUTE FUNCTION jobs_refuse_change()"
                    if connection.vendor == "postgresql"
                    else f"BEGIN SELECT RAISE(ABORT, '{table} rows are immutable'); END"
                )
                cursor.execute(
                    f"CREATE TRIGGER {_name(table, event)} BEFORE {event} ON {table} "
                    f"FOR EACH ROW {action}"
                )


def unprotect(connection: BaseDatabaseWrapper) -> None:
    """Undo `protect`."""
    with connection.cursor() as cursor:
        for table in TABLES:
            for event in ("UPDATE", "DELETE"):
                where = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, event)}{where}")


def _name(table: str, event: str) -> str:
    return f"{table}_no_{event.lower()}"
