"""The book on disk, so that a provider that was stopped goes on where it was.

One row for each task and each upload, written when it changes, so that not even a killed process
takes more with it than what it was doing. Balances are not kept: each start begins with full ones,
since practice should never run out of credits for good.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from jobs.practice.book.accounts import Account
from jobs.practice.book.tasks import Reason, Task, TaskState
from jobs.practice.faults.tags import Tags
from jobs.practice.film import FilmSpec
from jobs.practice.kinds import TaskKind

log = logging.getLogger(__name__)

TABLES = """
CREATE TABLE IF NOT EXISTS task (file TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS upload (
    path TEXT PRIMARY KEY, provider TEXT, account TEXT, kind TEXT, content BLOB, since REAL
);
"""
PLAIN = (
    "id params caption images ratio resolution queue_seconds seconds callback_url created ended "
    "file questions answers_with_link callbacks callbacks_taken"
)
UploadRow = tuple[str, str, str, str, bytes, float]
"""Path, provider, account, kind, content and time of arrival."""


class Kept:
    """Rows in one file of a folder; nothing at all where no folder is given. For many threads."""

    def __init__(self, folder: Path | None) -> None:
        self._lock = threading.Lock()
        self._rows: sqlite3.Connection | None = None
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        rows = sqlite3.connect(
            folder / "book.sqlite3", timeout=20, isolation_level=None, check_same_thread=False
        )
        rows.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {TABLES}")
        self._rows = rows

    def write(self, task: Task) -> None:
        """Keep a task as it stands now."""
        self._do("REPLACE INTO task VALUES (?, ?)", task.file, json.dumps(_record(task)))

    def forget(self, task: Task) -> None:
        self._do("DELETE FROM task WHERE file = ?", task.file)

    def tasks(self, account: Callable[[str, str], Account | None]) -> Iterator[Task]:
        """Every task that was kept, the oldest first. ``account`` finds one by provider and name.

        What belongs to nobody any more, or was kept by another version, is left out.
        """
        found: dict[str, Task] = {}
        records = [json.loads(record) for (record,) in self._all("SELECT record FROM task")]
        for record in sorted(records, key=lambda record: float(record.get("created", 0))):
            try:
                task = _task(record, account, found)
            except (KeyError, TypeError, ValueError) as problem:
                log.info("a task was not taken over: %r", problem)
                continue
            found[task.file] = task
            yield task

    def write_upload(self, *row: Any) -> None:
        """Keep a file, given as an ``UploadRow``."""
        self._do("REPLACE INTO upload VALUES (?, ?, ?, ?, ?, ?)", *row)

    def forget_upload(self, path: str) -> None:
        self._do("DELETE FROM upload WHERE path = ?", path)

    def uploads(self) -> list[UploadRow]:
        """Every file that was kept, the oldest first."""
        return self._all("SELECT * FROM upload ORDER BY since")

    def close(self) -> None:
        with self._lock:
            if self._rows is not None:
                self._rows.close()
            self._rows = None

    def _do(self, statement: str, *values: Any) -> None:
        with self._lock:
            if self._rows is not None:
                self._rows.execute(statement, values)

    def _all(self, statement: str) -> list[Any]:
        with self._lock:
            return [] if self._rows is None else self._rows.execute(statement).fetchall()


def _record(task: Task) -> dict[str, Any]:
    record = {name: getattr(task, name) for name in PLAIN.split()}
    return record | {
        "params": dict(task.params),
        "images": list(task.images),
        "kind": str(task.kind),
        "provider": task.provider,
        "account": task.account.name,
        "source": task.source.file if task.source else None,
        "tags": dict(task.tags.values),
        "film": asdict(task.film),
        "price": str(task.price),
        "charged": str(task.charged),
        "result": task.result,
        "reason": asdict(task.reason) if task.reason else None,
    }


def _task(
    record: Mapping[str, Any],
    account: Callable[[str, str], Account | None],
    found: Mapping[str, Task],
) -> Task:
    owner = account(record["provider"], record["account"])
    if owner is None:
        raise ValueError(f"no account {record['account']}")
    return Task(
        **{name: record[name] for name in PLAIN.split()},
        kind=TaskKind(record["kind"]),
        provider=record["provider"],
        account=owner,
        source=found[record["source"]] if record["source"] else None,
        tags=Tags(record["tags"]),
        film=_film(record["film"]),
        price=Decimal(record["price"]),
        charged=Decimal(record["charged"]),
        result=TaskState(record["result"]) if record["result"] else None,
        reason=Reason(**record["reason"]) if record["reason"] else None,
    )


def _film(record: Mapping[str, Any]) -> FilmSpec:
    before = record["before"]
    return FilmSpec(**{**record, "before": _film(before) if before else None})
