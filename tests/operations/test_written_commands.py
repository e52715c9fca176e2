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

from jobs import vault
from tests import ROOT
from tests.operations.test_processes import example_settings
from tests.support.film_site import A_FILM
from tests.support.films import film
from tests.support.product import copy_of_prepared, environment

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
    "make run": "operations/test_processes.py::test_the_whole_tree_stops_within_five_seconds",
    "python -m venv": "operations/test_image.py::test_requirements_come_by_their_hashes",
    ".venv/bin/gunicorn": "operations/test_image.py::test_it_is_prepared_and_serves_pages",
    f"{MANAGE} work": "operations/test_start_checks.py::test_neither_other_keys_nor_another",
    f"{MANAGE} follow": "operations/test_commands.py::test_one_round_of_following_asks",
    f"{MANAGE} move_archive": "archive/test_moving_archive.py::test_films_go_to_the_bucket",
    # Nobody is root of a machine with systemd here, nor is there an engine for containers.
    "sudo useradd": "operations/test_units.py::test_systemd_understands_each_line",
    "sudo cp docs/systemd/*": "operations/test_units.py::test_systemd_understands_each_line",
    "sudo systemctl": "operations/test_units.py::test_systemd_understands_each_line",
    "sudo journalctl": "people/test_first_admin.py::test_prepare_prints",
    "docker compose up": "operations/test_compose.py::test_they_run_what_the_units",
    "docker compose logs prepare": "operations/test_compose.py::test_the_database_is_prepared_once",
    "docker compose exec web": "operations/test_compose.py::test_the_image_brings_the_programs",
    "docker compose cp web:": "operations/test_compose.py::test_the_image_brings_the_programs",
}
"""By how a command begins: a test that does the same, by how its name begins."""


def commands() -> list[str]:
    """Line by line; what settings, lines of the log and YAML are is none."""
    shell = re.compile(r"(?:make|python3?|sudo|docker|install|mkdir|rsync|\.venv/bin/\S+) ")
    return [line for block in BLOCKS for line in block if shell.match(line)]


def test_every_command_is_run_by_a_test() -> None:
    known = (*HERE, *ELSEWHERE)
    written = commands()
    assert [line for line in written if not line.startswith(known)] == []
    assert [begin for begin in known if not any(line.startswith(begin) for line in written)] == []


@pytest.mark.parametrize("test", sorted(set(ELSEWHERE.values())))
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
