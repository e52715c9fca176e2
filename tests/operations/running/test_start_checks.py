"""What is wrong with a machine is said at its start, in a sentence, and nothing else is begun."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from jobs import checks
from jobs.archive.kept import nameplate
from jobs.credentials import specimen
from jobs.models import Belongings
from jobs.readiness import starting
from jobs.readiness.starting import NotReady
from jobs.secrets import vault
from tests import ROOT
from veo_site.configuration.environment import Environment

COMMANDS = pytest.mark.parametrize("command", ["work", "follow"])
GOOD = "A" * 43 + "="
SETTINGS: dict[str, tuple[dict[str, object], str]] = {
    "E001": ({"CREDENTIAL_KEYS": [GOOD, "canary"]}, "number 2 of 2 is no Fernet key"),
    "E002": ({"Q_BROKER": "rabbit"}, "“rabbit” is none of orm, redis"),
    "E004": ({"STORAGE_FAULT": "it names no bucket"}, "STORAGE_URL: it names no bucket"),
    "E003": ({"Q_BROKER": "redis", "REDIS_URL": ""}, "REDIS_URL is not set"),
}


# ── Settings ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("number", SETTINGS)
def test_settings_that_cannot_be_pass_no_check_and_start_nothing(
    number: str, settings: Any
) -> None:
    wrong, said = SETTINGS[number]
    for name, value in wrong.items():
        setattr(settings, name, value)
    (found,) = run_checks(tags=[checks.TAG])
    assert found.id == f"dailies.{number}"
    for command in ("work", "follow", "prepare"):
        with pytest.raises(NotReady, match=said) as refused:
            call_command(command)
        assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("PORT", "abc", "PORT: “abc” is not a whole number"),
        ("PORT", "70000", "at most 65535"),
        ("WEB_CONCURRENCY", "0", "at least 1"),
        ("SESSION_IDLE_HOURS", "nan", "not a number"),
        ("PRACTICE", "ture", "neither true nor false"),
        ("PRACTICE", "${PRACTICE_MODE:-true}", "neither true nor false"),
        ("LOG_FORMAT", "xml", "none of text, json"),
        ("TIME_ZONE", "Mars/Olympus", "no time zone"),
        ("TIME_ZONE", "../../etc/passwd", "no time zone"),
        ("DATABASE_URL", "postgres://me:canary@host:port/dailies", "DATABASE_URL is no address"),
        ("DATABASE_URL", "mysql://me:canary@host/dailies", "only SQLite and PostgreSQL"),
        ("EMAIL_URL", "post://me:canary@host", "EMAIL_URL is no address"),
        ("REDIS_URL", "me:canary@localhost", "REDIS_URL is no address"),
        ("KIE_BASE_URL", "api.kie.ai", "not an address"),
        ("SENTRY_DSN", "https://canary@sentry.example", "SENTRY_DSN is no address of a project"),
        ("SENTRY_DSN", "sentry.canary/1", "SENTRY_DSN is no address of a project"),
        ("METRICS_TOKEN", "canary", "METRICS_TOKEN: give at least 24"),
        ("SECRET_KEY_FILE", "/nowhere/key", "can’t be read: No such file"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_and_shows_no_password(
    name: str, typed: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, typed)
    with pytest.raises(ImproperlyConfigured, match=re.escape(said)) as refused:
        runpy.run_path(str(ROOT / "veo_site/settings.py"))
    assert "canary" not in str(refused.value)
    assert refused.value.__cause__ is None or "canary" not in str(refused.value.__cause__)


def test_a_secret_in_a_file_is_without_the_end_of_its_line_and_with_its_dollars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("$ecret $HOME\r\n")
    monkeypatch.setenv("SOME_TOKEN_FILE", str(tmp_path / "token"))
    assert Environment(tmp_path / ".env").text("SOME_TOKEN") == "$ecret $HOME"


@pytest.mark.parametrize("setting", [{}, {"TIME_ZONE": "Mars"}], ids=["no database", "no zone"])
@pytest.mark.parametrize(
    "program",
    [
        ["manage.py", "check_ledger"],
        ["-m", "gunicorn", "veo_site.wsgi", "-c", "veo_site/gunicorn.py"],
    ],
    ids=["command", "pages"],
)
def test_what_keeps_it_from_starting_is_one_line_of_a_log_in_json(
    program: list[str], setting: dict[str, str], tmp_path: Path
) -> None:
    done = begun(tmp_path, *program, LOG_FORMAT="json", PYTHONWARNINGS="ignore", **setting)
    (line,) = done.stderr.splitlines()
    told = json.loads(line)
    said = "no time zone" if setting else "can’t be opened"
    assert (done.returncode, told["level"], said in told["event"]) == (1, "critical", True)
    assert not (tmp_path / "db.sqlite3").exists()


def test_lines_of_gunicorn_are_json_as_all_others_are(tmp_path: Path) -> None:
    code = """if True:
        import runpy
        from gunicorn.config import Config
        from gunicorn.glogging import Logger
        config = Config()
        how = runpy.run_path("veo_site/gunicorn.py")["logconfig_dict"]
        config.set("logconfig_dict", how)
        Logger(config).error("Connection in use: %s", 8000)
    """
    (line,) = begun(tmp_path, "-c", code, LOG_FORMAT="json").stderr.splitlines()
    assert json.loads(line)["event"] == "Connection in use: 8000"


def test_a_command_on_a_database_that_was_never_prepared_says_so(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite3").touch()
    done = begun(tmp_path, "manage.py", "verify_archive")
    assert done.returncode == 1
    assert re.fullmatch(
        r"The database lacks \d+ migrations of this version; first run: manage.py prepare\n",
        done.stderr,
    )


def begun(var: Path, *program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """How a program of ours ends on a machine with this VAR_DIR."""
    return subprocess.run(
        [sys.executable, *program],
        cwd=ROOT,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "veo_site.settings", "DATABASE_URL": "", "PORT": "0"}
        | {"VAR_DIR": str(var)}
        | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_empty_list_of_keys_is_none(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = []
    with pytest.raises(CommandError, match="has no key in it"):
        starting.require_settings()


# ── What was never prepared ──────────────────────────────────────────────────
def test_pages_that_were_never_prepared_are_not_served(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite3").touch()
    gunicorn = ("-m", "gunicorn", "veo_site.wsgi", "-c", "veo_site/gunicorn.py")
    served = begun(tmp_path, *gunicorn, LOG_FORMAT="json")
    assert served.returncode == 1
    (written,) = served.stderr.splitlines()
    line = json.loads(written)["event"]
    assert line.startswith("Dailies does not start: The database lacks ")
    assert line.endswith("first run: manage.py prepare")


@pytest.mark.django_db
@pytest.mark.data
@COMMANDS
def test_a_database_of_an_older_version_is_not_worked_on(command: str) -> None:
    newest = MigrationRecorder.Migration.objects.filter(app="jobs").latest("pk")
    newest.delete()
    with pytest.raises(NotReady, match="lacks 1 migration"):
        call_command(command)


@pytest.mark.django_db
def test_pages_whose_static_files_are_of_an_older_version_are_not_served(
    settings: Any, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    (source / "css" / "wing").mkdir(parents=True)
    (source / "css" / "wing.css").write_text('@import "wing/part.css";')
    (source / "css" / "wing" / "part.css").write_text("p { margin: 0 }")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], tmp_path / "collected"
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    backend = "veo_site.collecting.CollectingStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    with pytest.raises(NotReady, match="1 static file"):
        starting.require(pages=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    starting.require(pages=True)
    (source / "new.js").write_text("")
    with pytest.raises(NotReady, match=r"such as new\.js"):
        starting.require(pages=True)
    assert staticfiles_storage.exists("css/wing.css")


# ── What does not belong to this database ────────────────────────────────────
@pytest.fixture
def prepared() -> None:
    specimen.make(adopt=False)
    nameplate.put_up(adopt=False)


@pytest.mark.django_db
@pytest.mark.data
@COMMANDS
def test_neither_other_keys_nor_another_folder_are_begun_with(
    command: str, prepared: None, settings: Any, tmp_path: Path
) -> None:
    starting.require()
    right, settings.CREDENTIAL_KEYS = settings.CREDENTIAL_KEYS, [GOOD]
    with pytest.raises(NotReady, match="Give it the ones that the other machines have"):
        call_command(command)
    settings.CREDENTIAL_KEYS, settings.MEDIA_ROOT = right, tmp_path / "elsewhere"
    with pytest.raises(NotReady, match="Mount its disk"):
        call_command(command)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.django_db
@pytest.mark.data
def test_who_prepares_says_by_an_option_that_keys_and_videos_are_others(
    prepared: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.management.commands.prepare.collect_static", lambda: None)
    settings.CREDENTIAL_KEYS, settings.MEDIA_ROOT = [GOOD], tmp_path / "restored"
    with pytest.raises(NotReady, match="--adopt-keys"):
        call_command("prepare")
    with pytest.raises(NotReady, match="--adopt-media"):
        call_command("prepare", adopt_keys=True)
    call_command("prepare", adopt_keys=True, adopt_media=True)
    starting.require()
    call_command("prepare")
    assert vault.is_newest(Belongings.current().sealed_specimen)
