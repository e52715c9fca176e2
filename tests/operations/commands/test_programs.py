"""What the Makefile runs beside the tests starts on its own, without the tests' settings."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests import ROOT


@pytest.mark.parametrize("name", ["bench", "pages", "servers", "shots", "soak"])
def test_a_program_says_how_it_is_used(name: str) -> None:
    alone = {each: value for each, value in os.environ.items() if "DJANGO" not in each}
    said = subprocess.run(
        [sys.executable, "-m", f"tests.tools.{name}", "--help"],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=alone,
        text=True,
    )
    assert (said.returncode, said.stdout[:6]) == (0, "usage:"), said.stderr
