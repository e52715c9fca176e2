"""Programs from npm that development commands use: installed into var/, once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests import ROOT

VAR = ROOT / "var"


class Missing(Exception):
    """The programs are not to be had here; says why."""


def say(line: str) -> None:
    """Tell whoever waits."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def install(name: str, *packages: str, before: str, builds: str = "") -> Path:
    """The folder in which these packages (`name@version`) lie, downloaded the first time.

    npm takes none of what they need that is newer than the day `before`, so that every install is
    the same one. Of all of them only the one named by `builds` may run a script: it
    makes a binary.
    """
    folder, wanted = VAR / name, "\n".join((*packages, before, builds))
    done = folder / "installed"
    if done.exists() and done.read_text() == wanted:
        return folder / "node_modules"
    if not (shutil.which("npm") and shutil.which("node")):
        raise Missing("it needs Node.js with npm")
    say(f"Installing {', '.join(packages)} into {folder} (once, some minutes) …")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _npm(folder, "install", "--ignore-scripts", f"--before={before}", *packages)
    if builds:
        _build(folder, builds)
    done.write_text(wanted)
    return folder / "node_modules"


def _build(folder: Path, package: str) -> None:
    _npm(folder, "rebuild", package)
    if not list((folder / "node_modules" / package).glob("build/Release/*.node")):
        raise Missing(f"{package} could neither be downloaded nor built")


def _npm(folder: Path, *words: str) -> None:
    command = ["npm", "--no-audit", "--no-fund", *words]
    try:
        ended = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=900, check=False
        )
    except subprocess.TimeoutExpired:
        raise Missing(f"npm {words[0]} took too long") from None
    if ended.returncode:
        told = [line for line in ended.stderr.splitlines() if "error" in line] or ["no reason told"]
        raise Missing(f"npm {words[0]} failed: {told[0]}")
