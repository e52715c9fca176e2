"""An empty SQLite database gets its tables at once: the same as from the migrations."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jobs.management import tables
from jobs.models import Price
from tests import ROOT
from tests.support.product import environment, made_once, prepared


def made_at_once(question: str) -> list[tuple[Any, ...]]:
    return _ask(prepared(), question)


def migrated(question: str) -> list[tuple[Any, ...]]:
    return _ask(made_once("migrated", _migrate), question)


def _ask(var: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(var / "db.sqlite3")) as database:
        return database.execute(question).fetchall()


def _migrate(var: Path) -> None:
    var.mkdir()
    (var / "db.sqlite3").touch()
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment(var), check=True)


def test_they_have_the_columns_constraints_indexes_and_triggers_of_the_migrations() -> None:
    assert schema(prepared()) == schema(made_once("migrated", _migrate))


def schema(var: Path) -> list[tuple[Any, ...]]:
    """Tables, indexes and triggers of the database in a data folder."""
    every = (
        "SELECT type, name, tbl_name, sql FROM sqlite_master "
        "WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name"
    )
    return [described(*row) for row in _ask(var, every)]


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


def test_they_hold_the_rows_of_the_migrations() -> None:
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


@pytest.mark.django_db
def test_a_database_with_tables_is_left_to_its_migrations() -> None:
    Price.objects.all().delete()
    assert not tables.make_all()
    assert not Price.objects.exists()
