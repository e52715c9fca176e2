"""The book on disk, so that a provider that was stopped goes on where it was.

One row for each task and each upload, written when it changes, so that not even a killed process
takes more with it than what it was doing. Balances are not kept: each start begins with full ones,
since practice should never run out of credits for good.

Nothing that stands in the folder keeps practice from starting, but another process that uses it.
"""

from __future__ import annotations

import fcntl
import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from jobs.practice.book.accounts import Account
from jobs.practice.book.records import NUMBER, UNREADABLE, Kinds, checked, record_of, task_of
from jobs.practice.book.tasks import Task

log = logging.getLogger(__name__)

TABLES = """
CREATE TABLE IF NOT EXISTS task (file TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS upload (
    path TEXT PRIMARY KEY, provider TEXT, account TEXT, kind TEXT, content BLOB, since REAL
);
"""
SCHEMA = "SELECT type, name, sql FROM sqlite_master ORDER BY name"
FAULTY = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR}
"""Errors that are the file's own; a full disk or a lock of somebody's passes."""
UploadRow = tuple[str, str, str, str, bytes, float]
"""Path, provider, account, kind, content and time of arrival."""
UPLOAD: Kinds = {**dict.fromkeys(range(4), str), 4: bytes, 5: NUMBER}


class Unusable(Exception):
    """The folder cannot be used now, for the reason that its text tells people."""


class Kept:
    """Rows in one file of a folder; nothing at all where no folder is given. For many threads.

    One process at a time: the folder is its own until it closes this or ends, however it ends.
    """

    def __init__(self, folder: Path | None) -> None:
        """Raises ``Unusable``."""
        self._lock = threading.Lock()
        self._rows: sqlite3.Connection | None = None
        self._claim: IO[str] | None = None
        if folder is None:
            return
        try:
            self._claim = _claimed(folder)
            self._rows = _opened(folder / "book.sqlite3")
        except (OSError, sqlite3.Error) as problem:
            self.close()
            raise Unusable(f"cannot keep anything in {folder}: {problem}") from problem

    def write(self, task: Task) -> None:
        """Keep a task as it stands now."""
        self._do("REPLACE INTO task VALUES (?, ?)", task.file, json.dumps(record_of(task)))

    def forget(self, task: Task) -> None:
        self._do("DELETE FROM task WHERE file = ?", task.file)

    def tasks(self, account: Callable[[str, str], Account | None]) -> Iterator[Task]:
        """Every task that was kept, the oldest first. ``account`` finds one by provider and name.

        What belongs to nobody any more, cannot be read, or was kept by another version, is left
        out.
        """
        records = []
        for name, text in self._all("SELECT file, record FROM task"):
            with _or_left_out(name):
                record = json.loads(text)
                checked(record)
                records.append(record)
        found: dict[str, Task] = {}
        for record in sorted(records, key=itemgetter("created")):
            with _or_left_out(record["file"]):
                found[record["file"]] = task_of(record, account, found)
        yield from found.values()

    def write_upload(self, *row: Any) -> None:
        """Keep a file, given as an ``UploadRow``."""
        self._do("REPLACE INTO upload VALUES (?, ?, ?, ?, ?, ?)", *row)

    def forget_upload(self, path: str) -> None:
        self._do("DELETE FROM upload WHERE path = ?", path)

    def uploads(self) -> Iterator[UploadRow]:
        """Every file that was kept and can be read, the oldest first."""
        readable = []
        for row in self._all("SELECT * FROM upload ORDER BY since"):
            with _or_left_out(row[0]):
                checked(row, UPLOAD)
                readable.append(row)
        yield from readable

    def close(self) -> None:
        with self._lock:
            if self._rows is not None:
                self._rows.close()
            if self._claim is not None:
                self._claim.close()
            self._rows = self._claim = None

    def _do(self, statement: str, *values: Any) -> None:
        with self._lock:
            if self._rows is not None:
                self._rows.execute(statement, values)

    def _all(self, statement: str) -> list[Any]:
        with self._lock:
            return [] if self._rows is None else self._rows.execute(statement).fetchall()


@contextmanager
def _or_left_out(name: object) -> Iterator[None]:
    try:
        yield
    except UNREADABLE as problem:
        log.info("%r was not taken over: %r", name, problem)


def _claimed(folder: Path) -> IO[str]:
    """A file that no other process holds; the system lets go of it when this one ends."""
    folder.mkdir(parents=True, exist_ok=True)
    claim = (folder / "in-use").open("w")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        claim.close()
        raise Unusable(f"another practice provider uses the folder {folder}") from None
    return claim


def _opened(path: Path) -> sqlite3.Connection:
    """The file, or an empty one in its place if it is unreadable."""
    try:
        return _connected(path)
    except sqlite3.DatabaseError as problem:
        # The lowest byte is the kind of error, whatever its details are.
        if problem.sqlite_errorcode & 0xFF not in FAULTY:
            raise
        aside = path.with_name(f"{path.name}.unreadable")
        for ending in ("", "-wal", "-shm"):
            part = path.with_name(path.name + ending)
            # One of an earlier time must not stand beside what it does not belong to.
            aside.with_name(aside.name + ending).unlink(missing_ok=True)
            if part.exists():
                part.rename(aside.with_name(aside.name + ending))
        log.warning("%s cannot be read (%s): put aside as %s", path, problem, aside.name)
    return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    rows = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
    # One odd letter must not make all rows unreadable.
    rows.text_factory = lambda raw: raw.decode(errors="replace")
    try:
        rows.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {TABLES}")
        (found,) = rows.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise _faulty(found)
        with closing(sqlite3.connect(":memory:")) as wanted:
            wanted.executescript(TABLES)
            if rows.execute(SCHEMA).fetchall() != wanted.execute(SCHEMA).fetchall():
                raise _faulty("it has other tables")
    except sqlite3.Error:
        rows.close()
        raise
    return rows


def _faulty(why: str) -> sqlite3.DatabaseError:
    problem = sqlite3.DatabaseError(why)
    problem.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return problem
