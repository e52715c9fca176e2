"""The units of docs/systemd: what they run, how they stop, and whether systemd understands them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.management.commands.work import GRACE_SECONDS
from jobs.providers.http import POST_SECONDS
from tests import ROOT
from veo_site import gunicorn

UNITS = {path.stem.removeprefix("dailies-"): path for path in ROOT.glob("docs/systemd/*.service")}
RUNNING = ("web", "work", "follow")
PLACE = "/srv/dailies"


def setting(unit: str, name: str) -> str:
    (value,) = re.findall(rf"^{name}=(.*)$", UNITS[unit].read_text(), re.MULTILINE)
    return str(value)


def test_the_units_run_what_the_procfile_runs() -> None:
    commands = re.findall(r"^\w+: exec (.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE)
    asked = {re.sub(r" --grace \S+", "", command) for command in commands}
    run = {setting(unit, "ExecStart").removeprefix(f"{PLACE}/.venv/bin/") for unit in RUNNING}
    assert run == {command for command in asked if "jobs.practice" not in command}
    assert setting("prepare", "ExecStart") == f"{PLACE}/.venv/bin/python manage.py prepare"


@pytest.mark.parametrize("unit", RUNNING)
def test_each_is_prepared_first_comes_back_and_stops_by_its_main_process(unit: str) -> None:
    wanted = {
        "Requires": "dailies-prepare.service",
        "After": "dailies-prepare.service",
        "PartOf": "dailies.target",
        "Restart": "always",
        "StartLimitIntervalSec": "0",
        "KillMode": "mixed",
        "UMask": "0077",
    }
    assert {name: setting(unit, name) for name in wanted} == wanted


def test_systemd_waits_for_as_long_as_what_it_stops() -> None:
    stop = {unit: int(setting(unit, "TimeoutStopSec")) for unit in RUNNING}
    assert stop["work"] > GRACE_SECONDS > POST_SECONDS
    assert stop["web"] > gunicorn.graceful_timeout


def test_pages_have_the_processor_before_what_works_behind_them() -> None:
    assert "CPUWeight" not in UNITS["web"].read_text()
    usual = 100
    assert all(int(setting(unit, "CPUWeight")) < usual / 2 for unit in ("work", "follow"))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_understands_each_line(tmp_path: Path) -> None:
    programs = str(Path(sys.executable).parent)
    for unit in ROOT.glob("docs/systemd/*"):
        text = unit.read_text().replace(f"{PLACE}/.venv/bin", programs)
        (tmp_path / unit.name).write_text(text.replace(PLACE, str(tmp_path)))
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout + told.stderr) == (0, "")
