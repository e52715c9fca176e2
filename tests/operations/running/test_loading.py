"""What each process loads at its start is looked at by no search for garbage."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.support.product import copy_of_prepared, environment

SAY = "import gc; print(gc.isenabled(), gc.get_freeze_count() > 100_000)"


@pytest.mark.parametrize(
    "program",
    [["manage.py", "shell", "--no-imports", "-c", SAY], ["-c", f"import veo_site.wsgi; {SAY}"]],
    ids=["command", "pages"],
)
def test_garbage_is_looked_for_and_not_among_what_was_loaded(
    program: list[str], tmp_path: Path
) -> None:
    env = environment(copy_of_prepared(tmp_path / "var"))
    done = subprocess.run(
        [sys.executable, *program], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "True"]
