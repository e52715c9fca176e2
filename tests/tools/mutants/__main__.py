"""`make mutants`: breaks copies of the product in named ways, and sees whether the tests notice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from tests import ROOT
from tests.tools.mutants.catalogue import MUTANTS, Mutant

LEFT_OUT = shutil.ignore_patterns(".*", "var", "__pycache__", "*.sqlite3")
PATIENCE_SECONDS = 600
FAILED = 1
"""pytest's exit status when tests ran and some failed; any other tells of no test at all."""


@dataclass(frozen=True)
class Verdict:
    """What the tests said of one copy."""

    name: str
    killed_by: str
    seconds: float
    trouble: str = ""


def main() -> int:
    wanted = [mutant for mutant in MUTANTS if all(word in mutant.name for word in sys.argv[1:])]
    tests = tuple(sorted({test for mutant in wanted for test in mutant.tests}))
    with TemporaryDirectory(prefix="dailies-mutants-") as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        workers = os.cpu_count() or 1
        for number in range(workers):
            copies.put(Path(shutil.copytree(ROOT, f"{folder}/{number}", ignore=LEFT_OUT)))
        with ThreadPoolExecutor(workers) as pool:
            say("The tests without any mutant …")
            sound = _judge(Mutant("none", (), tests), copies, "quick")
            if sound.killed_by or sound.trouble:
                say(sound.trouble or f"{sound.killed_by} fails already.")
                return 1
            survived = 0
            for verdict in pool.map(lambda mutant: _judge(mutant, copies, "hunt"), wanted):
                survived += not verdict.killed_by
                say(_line(verdict))
    say(f"{len(wanted) - survived} of {len(wanted)} mutants were killed.")
    return 1 if survived else 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _judge(mutant: Mutant, copies: SimpleQueue[Path], profile: str) -> Verdict:
    copy, began = copies.get(), time.monotonic()
    sources = {edit.path: (copy / edit.path).read_text() for edit in mutant.edits}
    try:
        for edit in mutant.edits:
            path = copy / edit.path
            source = path.read_text()
            if source.count(edit.before) != 1:
                return Verdict(mutant.name, "", 0, f"{edit.path} has not once: {edit.before}")
            path.write_text(source.replace(edit.before, edit.after))
        status, output = _run(copy, mutant.tests, profile)
    finally:
        for name, source in sources.items():
            (copy / name).write_text(source)
        copies.put(copy)
    seconds = time.monotonic() - began
    killer = re.search(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE)
    if status == FAILED and killer:
        return Verdict(mutant.name, killer[1], seconds)
    return Verdict(mutant.name, "", seconds, "" if status == 0 else output[-2000:])


def _run(copy: Path, tests: tuple[str, ...], profile: str) -> tuple[int, str]:
    environment = {name: value for name, value in os.environ.items() if name != "DAILIES_TEST_VAR"}
    environment |= {"HYPOTHESIS_PROFILE": profile, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command,
            cwd=copy,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1, f"not done after {PATIENCE_SECONDS} seconds"
    return done.returncode, done.stdout


def _line(verdict: Verdict) -> str:
    if verdict.killed_by:
        killer = verdict.killed_by.removeprefix("tests/")
        return f"killed    {verdict.seconds:4.0f} s  {verdict.name:58}  {killer}"
    return f"SURVIVED  {verdict.seconds:4.0f} s  {verdict.name}  {verdict.trouble}"


if __name__ == "__main__":
    sys.exit(main())
