"""`backup` and `restore`, as an admin types them, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from jobs import ledger
from jobs.management import dumps
from jobs.models import AuditEvent, Job, Life, Lifeline, Session, User
from jobs.readiness import restored
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, purge_queue
from tests.support.servers.child_processes import database_url, spawn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def kept(alice: User, tmp_path: Path) -> Path:
    """A backup in which one of Alice's videos waits to be sent."""
    factories.signed_in(alice)
    factories.job(alice, prompt="Waits")
    restored.recognize()
    path = tmp_path / "kept"
    call_command("backup", path)
    return path


def sent_since(provider: Wire, alice: User) -> None:
    """What happened after that: it was sent, and another one was ordered."""
    provider.answer(json=kie.accepted("task-1"))
    drain_queue()
    factories.job(alice, prompt="Ordered later")
    purge_queue()


def test_what_was_sent_after_a_backup_needs_a_look_once_it_is_restored(
    kept: Path, provider: Wire, alice: User, capsys: Captured
) -> None:
    sent_since(provider, alice)
    call_command("restore", kept, "--replace")
    said = capsys.readouterr().out
    assert "1 video needs a look" in said
    job = Job.objects.get()
    assert (job.prompt, job.status, job.external_id) == ("Waits", "uncertain", "")
    assert ledger.audit() == []
    event = AuditEvent.objects.get(action="database restored")
    assert event.reason == "It was restored by a command."
    # It is a database like any other from now on.
    assert restored.recognize() is None
    assert len(provider.posts) == 1


def test_a_backup_put_back_by_hand_is_known_by_whatever_is_started_on_it(
    kept: Path, provider: Wire, alice: User, settings: Any, tmp_path: Path
) -> None:
    sent_since(provider, alice)
    dumps.load(kept)
    settings.LIFE_FILE = tmp_path / "another machine" / "life.json"
    worker = spawn(
        "from django.core.management import call_command; call_command('follow', once=True)"
    )
    assert worker.wait(60) == 0
    assert Job.objects.get().status == "uncertain"
    assert Life.objects.first().reason == "It was loaded from a backup."  # type: ignore[union-attr]


def test_what_was_stopped_moved_and_started_again_goes_on(kept: Path, provider: Wire) -> None:
    call_command("restore", kept, "--replace", "--moved")
    assert Job.objects.get().status == "queued"
    assert restored.recognize() is None
    assert AuditEvent.objects.filter(action="database moved").exists()


def test_a_snapshot_of_the_machine_is_said_to_be_one(alice: User) -> None:
    factories.job(alice)
    restored.recognize()
    call_command("restore", "--in-place")
    assert Job.objects.get().status == "uncertain"


def test_a_backup_is_for_its_owner_alone_and_holds_no_session(
    kept: Path, alice: User, tmp_path: Path
) -> None:
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "kept" in path.name] == ["kept"]
    assert Session.objects.exists()
    dumps.load(kept)
    assert User.objects.get() == alice
    assert not Session.objects.exists()
    assert not Lifeline.objects.exists()


def test_a_folder_gets_a_file_with_the_moment_in_its_name(
    alice: User, tmp_path: Path, capsys: Captured
) -> None:
    call_command("backup", tmp_path)
    (made,) = tmp_path.glob("dailies-*")
    assert made.suffix == dumps.SUFFIXES[connection.vendor]
    assert f"The database is in {made}. Copy {tmp_path / 'media'} now" in capsys.readouterr().out


def test_a_file_that_is_there_is_not_written_over(kept: Path) -> None:
    before = kept.read_bytes()
    with pytest.raises(CommandError, match="left as it is"):
        call_command("backup", kept)
    assert kept.read_bytes() == before


def test_a_backup_that_cannot_be_written_leaves_nothing_behind(alice: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backup", tmp_path / "nowhere" / "kept")


def test_people_are_given_up_only_where_somebody_says_so(kept: Path, alice: User) -> None:
    with pytest.raises(CommandError, match="--replace"):
        call_command("restore", kept)
    assert Job.objects.get().status == "queued"


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + b"?" * 4000, b"PGDMP" + b"?" * 99])
def test_what_is_no_backup_changes_nothing(alice: User, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd").write_bytes(content)
    with pytest.raises(CommandError, match=r"odd is|pg_restore failed"):
        call_command("restore", tmp_path / "odd", "--replace")
    assert User.objects.get() == alice


def test_a_file_must_be_named_or_the_place(db: None) -> None:
    with pytest.raises(CommandError, match="Name the file"):
        call_command("restore")


@contextmanager
def open_elsewhere() -> Iterator[None]:
    """As web, workers and followers have it open."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
            other.execute("SELECT 1 FROM jobs_job").fetchall()
            yield
    else:
        with psycopg.connect(database_url()):
            yield


def test_nothing_is_restored_under_processes_that_run(kept: Path) -> None:
    with open_elsewhere(), pytest.raises(CommandError, match="Stop web, workers and followers"):
        call_command("restore", kept, "--replace")
    assert Job.objects.get().status == "queued"


def test_the_password_of_the_database_is_on_no_command_line(
    alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no password")
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "canary-password")
    run, seen = subprocess.run, []

    def noted(command: list[str], **how: Any) -> Any:
        seen.append((command, how["env"]["PGPASSWORD"]))
        return run(command, **how)

    monkeypatch.setattr(subprocess, "run", noted)
    call_command("backup", tmp_path / "kept")
    ((command, password),) = seen
    assert password == "canary-password"
    assert "canary-password" not in " ".join(command)
