"""Whatever stands in the folder of a practice provider, it starts, with all that can be read."""

from __future__ import annotations

import json
import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jobs.practice import Options, PracticeServer
from jobs.practice.__main__ import main
from tests.practice.conftest import QUICK
from tests.practice.kie.test_uploads import PNG
from tests.practice.test_restart import begun
from tests.support.servers.practice_client import Client

BOOK = "book.sqlite3"


def halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def with_rows_cut_off(path: Path) -> None:
    """Its first page, with all tables, is whole."""
    path.write_bytes(path.read_bytes()[:5000])


def of_another_program(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 500)


def of_another_version(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as rows:
        rows.executescript("CREATE TABLE task (file TEXT, account TEXT, words TEXT)")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder with three tasks, "one", "two" and "three", and an upload."""
    with PracticeServer(Options(**QUICK, keep=str(tmp_path))) as server:
        client = Client(server)
        for name in ("one", "two", "three"):
            client.made(f"{name} [[stuck]]")
        client.upload(PNG, "a.png")
    return tmp_path


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, "jobs.practice.book.kept"):
        yield caplog


@pytest.mark.parametrize(
    "spoil", [halved, with_rows_cut_off, of_another_program, of_another_version]
)
def test_a_file_that_cannot_be_read_is_put_aside(
    kept: Path, spoil: Callable[[Path], None], told: pytest.LogCaptureFixture
) -> None:
    spoil(kept / BOOK)
    spoiled = (kept / BOOK).read_bytes()
    for _ in range(2):
        with begun(kept) as server:
            assert (server.tasks, server.practice.uploads.all()) == ([], [])
    aside = (kept / f"{BOOK}.unreadable").read_bytes()
    # SQLite notes in the head of a database how it was opened.
    assert aside[100:] == spoiled[100:] or spoil is of_another_version
    (line,) = (each for each in told.records if each.levelno == logging.WARNING)
    assert f"put aside as {BOOK}.unreadable" in line.getMessage()


@pytest.mark.parametrize(
    "record", ["", "{", "[]", "null", "7", '"x"', "[" * 100_000, "NaN", b"\xff\xfe\xfd"]
)
def test_a_row_that_is_no_record_is_left_out_alone(
    kept: Path, record: Any, told: pytest.LogCaptureFixture
) -> None:
    _changed(kept, lambda _: record)
    _taken_over(kept, told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("created", None),
        ("created", "soon"),
        ("created", 1e300),
        ("seconds", "x"),
        ("seconds", float("nan")),
        ("queue_seconds", float("inf")),
        ("ended", "never"),
        ("price", "abc"),
        ("price", "NaN"),
        ("charged", "sNaN"),
        ("charged", "Infinity"),
        ("charged", None),
        ("tags", "x"),
        ("tags", []),
        ("tags", {"fail": 1}),
        ("images", "x"),
        ("images", [7]),
        ("params", {}),
        ("params", []),
        ("film", None),
        ("film", {"before": None, "width": "wide"}),
        ("kind", "opera"),
        ("kind", "4k"),
        ("provider", ["kie"]),
        ("source", "nothing"),
        ("result", "maybe"),
        ("reason", {"code": "x", "message": "y", "flag": 3}),
        ("callbacks", "2"),
        ("file", 9),
    ],
)
def test_a_task_with_a_value_that_is_none_is_left_out_alone(
    kept: Path, name: str, value: Any, told: pytest.LogCaptureFixture
) -> None:
    _changed(kept, lambda record: json.dumps(json.loads(record) | {name: value}))
    _taken_over(kept, told)


@pytest.mark.parametrize(
    "column",
    ["content = 'text'", "content = NULL", "since = 'soon'", "since = 9e999", "kind = NULL"],
)
def test_an_upload_that_cannot_be_read_is_left_out_alone(kept: Path, column: str) -> None:
    with closing(sqlite3.connect(kept / BOOK)) as rows, rows:
        columns = "provider, account, kind, content, since"
        rows.execute(f"INSERT INTO upload SELECT path || 'b', {columns} FROM upload")
        rows.execute(f"UPDATE upload SET {column} WHERE path LIKE '%b'")
    with begun(kept) as server:
        assert [each.content for each in server.practice.uploads.all()] == [PNG]
        assert len(server.tasks) == 3


def test_a_folder_is_of_one_process_until_that_ends(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["--port", "0", "--keep", str(kept)]
    command = [sys.executable, "-m", "jobs.practice", *line, "--verbose"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as first:
        assert first.stderr is not None
        assert "serving" in first.stderr.readline()
        assert main(line) == 1
        first.kill()
    assert f"another practice provider uses the folder {kept}\n" in capsys.readouterr().err
    with begun(kept) as server:
        assert len(server.tasks) == 3


def _changed(folder: Path, change: Callable[[str], Any]) -> None:
    """Change the record of the second task."""
    with closing(sqlite3.connect(folder / BOOK)) as rows, rows:
        where = "WHERE record LIKE '%two [[stuck]]%'"
        ((record,),) = rows.execute(f"SELECT record FROM task {where}").fetchall()
        changed = change(record)
        column = "CAST(? AS TEXT)" if isinstance(changed, bytes) else "?"
        rows.execute(f"UPDATE task SET record = {column} {where}", [changed])


def _taken_over(folder: Path, told: pytest.LogCaptureFixture) -> None:
    with begun(folder) as server:
        assert [task.caption for task in server.tasks] == ["one", "three"]
    assert ["was not taken over" in line for line in told.messages] == [True]
