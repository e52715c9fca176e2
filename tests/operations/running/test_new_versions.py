"""From a released version to this one: its database with all it holds, and what may not change."""

from __future__ import annotations

import json
import lzma
import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.test import Client

from jobs import ledger
from jobs.models.jobs.job import TITLE_LENGTH_MAX
from jobs.providers.http import VERSION
from jobs.readiness import starting
from tests import ROOT
from tests.operations.commands.test_tables import schema
from tests.support import factories
from tests.support.product import environment, prepared
from tests.support.servers.child_processes import database_url
from tests.tools import release
from tests.tools.release import Release

LOOK = """
import json, sys, django; django.setup()
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from jobs.models import Job, User
from tests.support import factories; from tests.support.states import filled
call_command("check_ledger", stdout=sys.stderr)
pages = {}
for person in User.objects.order_by("pk"):
    client = factories.signed_in(person)
    job = Job.objects.filter(owner=person).earliest("created_at")
    names = ["studio", "library", "usage", "projects", "keys", "shares", "templates", "news"]
    names += ["batches", "statements", "trash", "profile", "security"]
    if person.role == "admin":
        names += ["team", "requests", "audit", "prices", "strays", "system"]
        names += ["reconciliation", "budgets", "invitations"]
    for path in [*map(reverse, names), reverse("job", args=[job.pk])]:
        pages[f"{path} {person}"] = client.get(path, headers={"Host": "127.0.0.1"}).status_code
print(json.dumps([filled.rows(), pages]))
"""
"""Whether the ledger adds up, what each table holds, and whether people's pages show it."""


# ── A database of the version before ─────────────────────────────────────────
@pytest.mark.data
@pytest.mark.timeout(300)
@pytest.mark.parametrize("version", [*(each.version for each in release.releases()), "now"])
def test_a_database_of_a_released_version_is_upgraded_with_all_it_holds(
    version: str, tmp_path: Path
) -> None:
    folder = release.FOLDER
    if version == "now":  # as the next one will find it
        folder, version = tmp_path / "released", VERSION
        release.write(folder, [connection.vendor])
    (released,) = (each for each in release.releases(folder) if each.version == version)
    (tmp_path / "var").mkdir()
    _upgrade(released, tmp_path / "var")


def _upgrade(released: Release, var: Path) -> None:
    """As an operator does it: the backup, the new version's `prepare`, and the ledger's proof."""
    with _database(var) as url:
        env = environment(var, DATABASE_URL=url, **release.SECRETS)
        path = released.postgresql
        if connection.vendor == "sqlite":
            path = var / "backup"
            path.write_bytes(lzma.decompress(released.sqlite.read_bytes()))
        for command in (["restore", str(path), "--moved"], ["prepare", "--adopt-media"]):
            release.run(env, "manage.py", *command)
        rows, pages = json.loads(release.run(env, "-c", LOOK))
        if connection.vendor == "sqlite":
            assert schema(var) == schema(prepared())
    assert {
        table for table, number in released.rows.items() if rows.get(table, 0) < number
    } == set()
    assert {path: status for path, status in pages.items() if status != 200} == {}


@contextmanager
def _database(var: Path) -> Iterator[str]:
    """The address of an empty one beside that of the tests."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{var / 'db.sqlite3'}"
        return
    server, name = database_url().rpartition("/")[0], f"upgraded_{uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as there:
        there.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield f"{server}/{name}"
        finally:
            there.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.django_db
@pytest.mark.data
def test_this_version_works_on_the_database_of_the_next_one(client: Client) -> None:
    """As while machines are upgraded one by one: another has prepared it already."""
    MigrationRecorder.Migration.objects.create(app="jobs", name="9999_of_the_next")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobs_job ADD COLUMN mood varchar(9) NULL")
        cursor.execute("ALTER TABLE jobs_user ADD COLUMN mood varchar(9) NOT NULL DEFAULT 'fine'")
        cursor.execute("CREATE TABLE jobs_mood (id integer PRIMARY KEY)")
    starting.require()
    assert client.get("/readyz").status_code == 200
    newcomer = factories.member("newcomer", credits=500)
    job = factories.succeeded(newcomer)
    assert factories.signed_in(newcomer).get(f"/jobs/{job.pk}/").status_code == 200
    assert ledger.audit() == []


# ── Migrations only go forward ───────────────────────────────────────────────
def test_a_migration_that_was_released_is_not_edited() -> None:
    """It would run here as it stands now, and nowhere else again."""
    now = release.migrations()
    edited = {
        f"{released.version}: {name}"
        for released in release.releases()
        for name, digest in released.migrations.items()
        if now.get(name) != digest
    }
    assert edited == set()


def test_what_a_released_version_uses_is_not_taken_from_it() -> None:
    """While machines are upgraded one by one, it runs beside this one on the same tables."""
    released = release.releases()
    known = {name for each in released for name in each.migrations}
    loader = MigrationLoader(None)
    new = [
        migration
        for (app, name), migration in loader.disk_migrations.items()
        if app == "jobs" and name not in known
    ]
    versions = {each.version for each in released}
    if released:  # before that nobody runs what could be taken from them
        assert [each for migration in new for each in taken_away(migration, versions)] == []
        retyped = [
            each
            for migration in new
            for each in retypes(migration, loader.project_state(migration.dependencies))
        ]
        assert retyped == []


TAKES_AWAY = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)


def taken_away(migration: migrations.Migration, versions: set[str]) -> list[str]:
    """What breaks code of the released version before.

    What it no longer uses may go: the migration names the version since which that is so, as
    `unused_since`. A new column has to have a value where that code inserts a row without it.
    """
    may_take = getattr(migration, "unused_since", None) in versions
    found = []
    for operation in _flat(migration.operations):
        takes = isinstance(operation, TAKES_AWAY) and not may_take
        if takes or (isinstance(operation, migrations.AddField) and _is_demanded(operation.field)):
            found.append(f"{migration.name}: {operation.describe()}")
    return found


def retypes(migration: migrations.Migration, state: ProjectState) -> list[str]:
    """What gives a column another type, from what the tables are before.

    PostgreSQL refuses to connections that run the plan of a question whose answer is of another
    type by now: each process would fail until it was started again.
    """
    found = []
    for operation in migration.operations:
        altered = operation if isinstance(operation, migrations.AlterField) else None
        before = altered and _type_of(altered, state)
        operation.state_forwards("jobs", state)
        if altered and _type_of(altered, state) != before:
            found.append(f"{migration.name}: {altered.describe()}")
    return found


def _type_of(altered: migrations.AlterField, state: ProjectState) -> str | None:
    model = state.apps.get_model("jobs", altered.model_name)
    field: models.Field[Any, Any] = model._meta.get_field(altered.name)
    return field.db_type(connection)


def _flat(operations: Sequence[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _is_demanded(field: Any) -> bool:
    return not (
        field.null
        or field.has_db_default()
        or field.many_to_many
        or isinstance(field, models.GeneratedField)
    )


@pytest.mark.parametrize(
    ("operation", "unused_since", "is_refused"),
    [
        (migrations.RemoveField("job", "title"), "", True),
        (migrations.RemoveField("job", "title"), "0.9.0", True),
        (migrations.RemoveField("job", "title"), "0.3.0", False),
        (migrations.RenameField("job", "title", "name"), "", True),
        (migrations.DeleteModel("Preset"), "", True),
        (migrations.AddField("job", "mood", models.TextField(default="")), "0.3.0", True),
        (migrations.AddField("job", "mood", models.TextField(db_default="")), "", False),
        (migrations.AddField("job", "mood", models.TextField(null=True)), "", False),
        (migrations.SeparateDatabaseAndState([migrations.DeleteModel("Preset")]), "", True),
        (migrations.SeparateDatabaseAndState([], [migrations.DeleteModel("Preset")]), "", False),
    ],
)
def test_a_column_goes_once_a_version_without_it_was_released(
    operation: Operation, unused_since: str, is_refused: bool
) -> None:
    body = {"operations": [operation], "unused_since": unused_since}
    migration = type("Migration", (migrations.Migration,), body)("0009_made_up", "jobs")
    assert bool(taken_away(migration, {"0.2.0", "0.3.0"})) == is_refused


@pytest.mark.parametrize(
    ("field", "is_refused"),
    [
        (models.CharField(max_length=TITLE_LENGTH_MAX + 1), True),
        (models.TextField(), True),
        (models.CharField(max_length=TITLE_LENGTH_MAX, help_text="as people say"), False),
    ],
)
def test_a_column_stays_of_its_type_while_plans_of_it_are_kept(
    field: models.Field[Any, Any], is_refused: bool
) -> None:
    body = {"operations": [migrations.AlterField("job", "title", field)]}
    migration = type("Migration", (migrations.Migration,), body)("0009_made_up", "jobs")
    assert bool(retypes(migration, MigrationLoader(None).project_state())) == is_refused


# ── One version ──────────────────────────────────────────────────────────────
def test_the_version_is_the_same_wherever_it_stands() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    (image,) = re.findall(
        r"^  image: dailies:(\S+)$", (ROOT / "compose.yaml").read_text(), re.MULTILINE
    )
    assert project == image == VERSION


def test_the_version_has_its_chapter_with_what_to_do_for_it() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    chapter = re.search(rf"(?ms)^## {re.escape(VERSION)}\b.*?(?=^## |\Z)", text)
    assert chapter
    assert "### Upgrading" in chapter[0]
