"""Empties the database after a test that committed, as Django's `flush` does, in less time.

A test fills some ten of sixty tables. `flush` empties all of them, looks up first which there are,
and has the types and permissions written anew that no test changes.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection, transaction

from jobs.models import Price, immutable
from tests.support import factories

KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables of which the rows are as migrations leave them."""
_seeded: list[list[tuple[Any, ...]]] = []
"""The price list as it was written last."""


@cache
def _tables() -> list[str]:
    names: set[str] = set(connection.introspection.django_table_names(only_existing=True))
    if connection.vendor == "postgresql":
        # What the triggers keep in step, which are off meanwhile.
        names.add("jobs_jobtext")
    return sorted(names - KEPT - {Price._meta.db_table})


def empty_database() -> None:
    """Only the price list of the first migration is left."""
    with transaction.atomic(), connection.cursor() as cursor:
        each = ", ".join(f"EXISTS (SELECT 1 FROM {name})" for name in _tables())
        cursor.execute(f"SELECT {each}")
        filled = [
            name
            for name, is_filled in zip(_tables(), cursor.fetchone() or (), strict=True)
            if is_filled
        ]
        if _prices() not in _seeded:
            filled.append(Price._meta.db_table)
        _delete(cursor, filled)
    if Price._meta.db_table in filled:
        factories.seed_prices()
        _seeded[:] = [_prices()]


def _prices() -> list[tuple[Any, ...]]:
    return list(Price.objects.order_by("pk").values_list())


def _delete(cursor: Any, names: list[str]) -> None:
    """All rows, also those that the triggers keep for ever."""
    if not names:
        return
    statements = [f"DELETE FROM {name}" for name in names]
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL session_replication_role = replica; " + "; ".join(statements))
        return
    is_kept_for_ever = not set(names).isdisjoint(immutable.TABLES)
    if is_kept_for_ever:
        immutable.unprotect(connection)
    for statement in statements:
        cursor.execute(statement)
    if is_kept_for_ever:
        immutable.protect(connection)
