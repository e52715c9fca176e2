"""Writes the whole database into one file, and puts it back: SQLite and PostgreSQL.

What says that a database is alive is left out, so whatever is started on such a file knows that it
is a copy (`jobs.lives`), in whichever way it was put back. With it go the sessions, which somebody
may have ended since, and the queue's wake-ups.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

from jobs import database
from jobs.machine import disk

LEFT_OUT = ("jobs_lifeline", "jobs_session", "django_q_ormq")
HEADS = {"sqlite": b"SQLite format 3\0", "postgresql": b"PGDMP"}
SUFFIXES = {"sqlite": ".sqlite3", "postgresql": ".dump"}


class NotDone(Exception):
    """It was not written, or not put back, with the reason."""


def dump(path: Path) -> None:
    """Write the database, whole or not at all, into a file that only its owner can read.

    Pages, workers and the follower may go on meanwhile. Raises `NotDone`, `OSError`.
    """
    with _draft_of(path) as draft:
        if connection.vendor == "sqlite":
            _copy_out(draft)
        else:
            left_out = [f"--exclude-table-data={table}" for table in LEFT_OUT]
            _run("pg_dump", "--format=custom", "--no-owner", *left_out, f"--file={draft}")


def load(path: Path) -> None:
    """Put the database of such a file in the place of the present one. Raises `NotDone`."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise NotDone(f"{path} cannot be read: {error.strerror}.") from error
    if not head.startswith(HEADS[connection.vendor]):
        raise NotDone(f"{path} is no backup of a {connection.display_name} database.")
    if connection.vendor == "sqlite":
        _copy_in(path)
    else:
        _restore_with_programs(path)


@contextmanager
def _draft_of(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.part")
    try:
        # Before anybody writes into it: it holds what only its owner may read.
        draft.touch(mode=0o600)
        draft.chmod(0o600)
        yield draft
        disk.sync(draft)
        draft.rename(path)
        disk.sync(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _copy_out(draft: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(draft)) as copy:
        connection.connection.backup(copy)
        # What is deleted here must not be readable in the file.
        copy.execute("PRAGMA secure_delete = ON")
        for table in LEFT_OUT:
            copy.execute(f"DELETE FROM {table}")  # noqa: S608  # names of our own
        copy.commit()
        # One file, with nothing beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _copy_in(path: Path) -> None:
    name = database.file()
    assert name is not None, "it is a file"  # noqa: S101
    connection.close()
    with closing(sqlite3.connect(path)) as kept, closing(sqlite3.connect(name)) as present:
        try:
            sound = kept.execute("PRAGMA quick_check").fetchone()[0]
            ours = kept.execute("SELECT 1 FROM sqlite_master WHERE name = 'jobs_job'").fetchone()
        except sqlite3.DatabaseError as error:
            raise NotDone(f"{path} is damaged: {error}.") from error
        if sound != "ok" or ours is None:
            raise NotDone(f"{path} is {'damaged' if ours else 'no backup of Dailies'}.")
        try:
            # Only who has it alone can end the write-ahead log, in which others would go on.
            present.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            raise NotDone(IN_USE) from error
        kept.backup(present)


IN_USE = "Something works on the database. Stop web, workers and followers on all machines first."


def _restore_with_programs(path: Path) -> None:
    if " TABLE public jobs_job " not in _run("pg_restore", "--list", str(path), connects=False):
        raise NotDone(f"{path} is no backup of Dailies.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        if cursor.fetchone()[0]:
            raise NotDone(IN_USE)
        # Also those that the backup does not know, which a later version has made.
        tables = ", ".join(map(connection.ops.quote_name, connection.introspection.table_names()))
        if tables:
            cursor.execute(f"DROP TABLE {tables} CASCADE")
    connection.close()
    how = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--exit-on-error")
    _run("pg_restore", *how, "--single-transaction", str(path))


def _run(program: str, *arguments: str, connects: bool = True) -> str:
    """Run one of PostgreSQL's programs; what it is not to show goes by its environment."""
    found = shutil.which(program)
    if found is None:
        raise NotDone(f"There is no {program} here. Install PostgreSQL's client programs.")
    where, secrets = _access() if connects else ([], {})
    done = subprocess.run(  # noqa: S603  # a program of the system, with words of our own
        [found, *where, *arguments],
        env={**os.environ, **secrets},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotDone(f"{program} failed: {done.stderr.strip()}")
    return done.stdout


def _access() -> tuple[list[str], dict[str, Any]]:
    """Where the database is, as arguments, and how it is opened, as an environment."""
    facts = connection.settings_dict
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(
        {**facts, "NAME": facts["NAME"] or "postgres"}, []
    )
    *where, name = arguments[1:]
    return [*where, f"--dbname={name}"], {k: str(v) for k, v in (environment or {}).items() if v}
