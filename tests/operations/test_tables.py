"""An empty SQLite database gets its tables at once: the same as from the migrations."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.db import connection

from jobs.management import tables
from jobs.models import Price
from tests.support.product import prepared

pytestmark = pytest.mark.django_db
Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def migrated() -> Ask:
    """The tests' own database, which the migrations made."""
    if connection.vendor != "sqlite":
        pytest.skip("other databases are made by their migrations")

    def ask(question: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            return list(cursor.execute(question).fetchall())

    return ask


def made_at_once(question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(prepared() / "db.sqlite3")) as database:
        return database.execute(question).fetchall()


def test_they_have_the_columns_constraints_indexes_and_triggers_of_the_migrations(
    migrated: Ask,
) -> None:
    every = (
        "SELECT type, name, tbl_name, sql FROM sqlite_master "
        "WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name"
    )
    ours, theirs = ([described(*row) for row in ask(every)] for ask in (made_at_once, migrated))
    assert ours == theirs


def described(kind: str, name: str, table: str, sql: str | None) -> tuple[Any, ...]:
    """What it is; of a table the parts, whose order depends on when each came."""
    if kind != "table" or sql is None:
        return kind, name, table, sql
    head, _, body = sql.partition(" (")
    parts, depth = [""], 0
    for letter in body.rstrip(")"):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return kind, name, table, head, *sorted(part.strip().rstrip(")") for part in parts)


def test_they_hold_the_rows_of_the_migrations(migrated: Ask) -> None:
    for question in (
        "SELECT app, name FROM django_migrations ORDER BY app, name",
        "SELECT app_label, model FROM django_content_type ORDER BY app_label, model",
        "SELECT codename, name FROM auth_permission ORDER BY codename, name",
        "SELECT provider, kind, model, mode, resolution, credits FROM jobs_price ORDER BY id",
    ):
        assert made_at_once(question) == migrated(question)
    holding = {
        name
        for (name,) in migrated("SELECT name FROM sqlite_master WHERE type = 'table'")
        if migrated(f"SELECT 1 FROM {name} LIMIT 1")
    }
    # What SQLite keeps for itself is left out.
    own = {"sqlite_sequence", "jobs_jobtext_words_data", "jobs_jobtext_words_config"}
    looked_at = {"django_migrations", "django_content_type", "auth_permission", "jobs_price"}
    assert holding - own == looked_at


def test_a_database_with_tables_is_left_to_its_migrations() -> None:
    Price.objects.all().delete()
    assert not tables.make_all()
    assert not Price.objects.exists()
