"""Every command that docs/operating.md writes is run here, or by a test that is named here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from jobs.secrets import vault
from tests import ROOT
from tests.operations.running.test_processes import example_settings
from tests.support.media.films import film
from tests.support.product import copy_of_prepared, environment
from tests.support.servers.film_site import A_FILM

TEXT = (ROOT / "docs" / "operating.md").read_text()
BLOCKS = [block.splitlines() for block in re.findall(r"(?ms)^```\n(.*?)^```", TEXT)]
MANAGE = ".venv/bin/python manage.py"
HERE = (
    f"{MANAGE} prepare",
    f"{MANAGE} backup",
    f"{MANAGE} restore",
    f"{MANAGE} verify_archive",
    f"{MANAGE} check_ledger",
    "mkdir -p -m 700 /backups",
    "rsync -a",
    "install -d -o dailies",
    "python3 -c",
)
ELSEWHERE = {
    "make run": "operations/running/test_processes.py::test_the_whole_tree_stops_within_five",
    "python -m venv": "operations/running/test_image.py::test_requirements_come_by_their_hashes",
    ".venv/bin/gunicorn": "operations/running/test_image.py::test_it_is_prepared_and_serves_pages",
    f"{MANAGE} work": "operations/running/test_start_checks.py::test_neither_other_keys_nor",
    f"{MANAGE} follow": "operations/commands/test_commands.py::test_one_round_of_following_asks",
    f"{MANAGE} move_archive": "archive/kept/test_moving_archive.py::test_films_go_to_the_bucket",
    # Nobody is root of a machine with systemd here, nor is there an engine for containers.
    "sudo useradd": "operations/running/test_units.py::test_systemd_understands_each_line",
    "sudo cp docs/systemd/*": "operations/running/test_units.py::test_systemd_understands_each",
    "sudo systemctl": "operations/running/test_units.py::test_systemd_understands_each_line",
    "sudo journalctl": "people/test_first_admin.py::test_prepare_prints",
    "docker compose up": "operations/running/test_compose.py::test_they_run_what_the_units",
    "docker compose logs prepare": "operations/running/test_compose.py::test_the_database_is",
    "docker compose exec web": "operations/running/test_compose.py::test_the_image_brings_the",
    "docker compose cp web:": "operations/running/test_compose.py::test_the_image_brings_the",
}
"""By how a command begins: a test that does the same, by how its name begins."""


MANAGED = {
    "backup": "operations/commands/test_backup.py::test_a_folder_gets_a_file_with_the_moment",
    "check": "operations/running/test_start_checks.py::test_settings_that_cannot_be_pass_no_check",
    "check_ledger": "operations/commands/test_commands.py::test_a_ledger_that_adds_up_passes",
    "create_admin": "operations/commands/test_commands.py::test_where_nobody_is_an_admin",
    "createsuperuser": "operations/commands/test_commands.py::test_createsuperuser_makes_an_admin",
    "doctor": "operations/commands/test_doctor.py::test_what_is_as_the_contracts_say_is_said",
    "doctor --spend": "operations/commands/test_doctor_spending.py::test_the_cheapest_film",
    "follow": "operations/commands/test_commands.py::test_one_round_of_following_asks",
    "grant_credits": "operations/commands/test_commands.py::test_granted_credits_can_be_spent",
    "move_archive": "archive/kept/test_moving_archive.py::test_films_go_to_the_bucket",
    "practice": "operations/running/test_processes.py::test_the_whole_tree_stops_within",
    "prepare": "people/test_first_admin.py::test_prepare_prints_the_code",
    "prepare --adopt-keys": "operations/running/test_start_checks.py::test_who_prepares_says_by_an",
    "prepare --adopt-media": "operations/running/test_start_checks.py::test_who_prepares_says_by",
    "restore": "operations/commands/test_backup.py::test_what_was_sent_after_a_backup_needs_a_look",
    "restore --in-place": "operations/commands/test_backup.py::test_a_snapshot_of_the_machine",
    "restore --moved": "operations/commands/test_backup.py::test_what_was_stopped_moved_and",
    "restore --replace": "operations/commands/test_backup.py::test_people_are_given_up_only_where",
    "rotate_credential_keys": "people/test_specimen.py::test_rotation_leaves_no_need",
    "set_key": "operations/commands/test_commands.py::test_a_key_from_standard_input_is_tried",
    "sign_out": "people/test_sessions.py::test_the_server_signs_out",
    "verify_archive": "faults/machine/test_kept_files.py::test_a_good_archive_passes",
    "verify_archive --deep": "archive/kept/test_bucket.py::test_a_film_that_is_another_in_the",
    "verify_archive --lost": "faults/machine/test_kept_files.py::test_an_admin_can_say_that_they",
    "work": "faults/machine/test_servers.py::test_all_processes_told_to_stop_at_once",
    "work --grace": "faults/machine/test_servers.py::test_workers_told_to_stop_finish",
}
"""Whatever the text and its tables name of `manage.py`, with the options that have a word of their
own: a test that runs it, by how its name begins.
"""

LESS = {
    *("create_admin --reason", "doctor --person", "doctor --yes", "grant_credits --reason"),
    *("move_archive --dry-run", "move_archive --remove", "move_archive --to", "practice --port"),
}
"""Options that the test of their command gives as well, or that change nothing but a value."""


def commands() -> list[str]:
    """Line by line; what settings, lines of the log and YAML are is none."""
    shell = re.compile(r"(?:make|python3?|sudo|docker|install|mkdir|rsync|\.venv/bin/\S+) ")
    return [line for block in BLOCKS for line in block if shell.match(line)]


def test_every_command_is_run_by_a_test() -> None:
    known = (*HERE, *ELSEWHERE)
    written = commands()
    assert [line for line in written if not line.startswith(known)] == []
    assert [begin for begin in known if not any(line.startswith(begin) for line in written)] == []


def test_whatever_is_said_of_manage_py_is_run_by_a_test() -> None:
    """In the text and the tables as well as in blocks; an option that has a line of its own too."""
    said = re.findall(r"manage\.py\s+([a-z_]+)([^`\n]*)", TEXT)
    named = {name for name, _ in said}
    assert named == {name for name in MANAGED if "--" not in name}
    optional = {f"{name} {each}" for name, rest in said for each in re.findall(r"--[\w-]+", rest)}
    assert {name for name in MANAGED if "--" in name} <= optional
    assert optional - set(MANAGED) == LESS


def test_every_command_of_make_is_one_of_its_own() -> None:
    said = set(re.findall(r"`make ([a-z-]+)", TEXT))
    (phony,) = re.findall(r"(?m)^\.PHONY: (.+)$", (ROOT / "Makefile").read_text())
    assert said - set(phony.split()) == set()
    assert set(phony.split()) - said == {"browser", "lint"}  # which others call


@pytest.mark.parametrize("test", sorted({*ELSEWHERE.values(), *MANAGED.values()}))
def test_the_tests_that_are_named_are_there(test: str) -> None:
    path, _, name = test.partition("::")
    assert f"\ndef {name}" in (ROOT / "tests" / path).read_text()


def test_every_block_is_of_commands_of_settings_or_of_what_is_read() -> None:
    settings = [
        line.partition("=")[0] for block in BLOCKS for line in block if re.match(r"[A-Z_]+=", line)
    ]
    named = {name.removesuffix("_FILE") for name in settings}
    assert named - example_settings() == {"POSTGRES_PASSWORD"}


@pytest.mark.parametrize(
    "row",
    re.findall(r"(?m)^\| `manage\.py (?!practice)([^`]+)` \|", TEXT),
    ids=lambda row: row.split()[0],
)
def test_every_option_of_the_table_is_one_of_its_command(row: str) -> None:
    name, *words = re.findall(r"--[\w-]+|^\w+", row)
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    assert [word for word in words if word not in parser._option_string_actions] == []


# ── Run as they stand there ──────────────────────────────────────────────────
def written(begin: str) -> str:
    return next(line for line in commands() if line.startswith(begin))


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """A checkout with a film in its `var`, and a folder that stands for /backups."""
    folder = tmp_path / "dailies"
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name not in (".git", "var", ".env"):
            (folder / path.name).symlink_to(path)
    if not (folder / ".venv").exists():
        (folder / ".venv").symlink_to(Path(sys.prefix))
    copy_of_prepared(folder / "var")
    subprocess.run(
        [sys.executable, "-c", A_FILM, "3f/film.mp4"],
        cwd=ROOT,
        env=environment(folder / "var"),
        input=film(),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder


def shell(folder: Path, line: str) -> str:
    done = subprocess.run(
        ["sh", "-euc", line.replace("/backups", f"{folder.parent}/backups")],
        cwd=folder,
        env=environment(folder / "var"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.skipif(not shutil.which("rsync"), reason="needs rsync")
def test_a_backup_is_made_and_put_back_by_the_lines_that_say_so(installation: Path) -> None:
    kept = next(block for block in BLOCKS if any("manage.py backup /backups" in b for b in block))
    back = next(block for block in BLOCKS if any("manage.py restore" in b for b in block))
    for line in kept:
        shell(installation, line)
    (file,) = (installation.parent / "backups").glob("dailies-*.sqlite3")
    assert re.fullmatch(r"dailies-\d{8}-\d{6}\.sqlite3", file.name)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    stored = installation / "var" / "media" / "3f" / "film.mp4"
    stored.unlink()
    said = [
        shell(installation, re.sub(r"dailies-\d+-\d+\.sqlite3", file.name, line)) for line in back
    ]
    assert "The database is as it was on" in said[0]
    assert "add up" in said[-1]
    assert stored.read_bytes() == film()
    shell(installation, written(f"{MANAGE} prepare"))


def test_the_lines_that_make_secrets_make_good_ones(tmp_path: Path) -> None:
    lines = [line for line in commands() if line.startswith("python3 -c")]
    key, sealing = (subprocess.check_output(["sh", "-c", line], text=True) for line in lines)
    assert len(key.strip()) >= 50
    assert vault.wrong_keys([sealing.strip()]) == []


def test_the_folder_that_a_proxy_reads_is_made_for_its_group(tmp_path: Path) -> None:
    words = shlex.split(written("install -d -o dailies"))
    words[words.index("dailies")], words[words.index("www-data")] = (
        str(os.getuid()),
        str(os.getgid()),
    )
    subprocess.run([*words[:-1], str(tmp_path / "media")], check=True)
    assert stat.S_IMODE((tmp_path / "media").stat().st_mode) == 0o2750


def test_a_password_for_an_address_is_one_that_needs_no_quoting() -> None:
    (line,) = set(re.findall(r"`(openssl [^`]+)`", TEXT))
    made = subprocess.check_output(shlex.split(line), text=True).strip()
    assert re.fullmatch(r"[0-9a-f]{48}", made)


def test_what_an_older_version_made_is_closed_by_the_line_that_says_so(tmp_path: Path) -> None:
    (line,) = re.findall(r"`(chmod [^`]+)`", TEXT)
    folder = tmp_path / "media"
    folder.mkdir(mode=0o755)
    (folder / "film.mp4").touch(0o644)
    words = line.replace("VAR_DIR", str(tmp_path)).replace("MEDIA_ROOT", str(folder)).split()
    subprocess.run(words, check=True)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "film.mp4")]
    assert modes == [0o700, 0o600]
