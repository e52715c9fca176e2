"""Starts a Python of ours that has nothing of ours: no thread, no key, no open file, no setting.

And what one that stands by says to who began it: `forking` loads what that one never may.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
KEPT_NAMES = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "TMPDIR")
"""Of the environment: no secret is among them."""
ONE_HEAP = {"MALLOC_ARENA_MAX": "2"}
"""Each thread would otherwise set addresses aside for a heap of its own."""

TAKEN_UP = b"+"
"""One that stands by says so of each piece of work."""
CODE = struct.Struct("=i")
"""How it tells what the child ended with, which is numbered as `subprocess` does."""


class Interrupted(Exception):
    """The child ended without an answer, which proves nothing about the file; says how."""


def start(
    program: str, *arguments: str, stdin: IO[bytes] | int, stdout: int, **how: Any
) -> subprocess.Popen[bytes]:
    """A process that runs a program of this package. Raises `Interrupted`."""
    try:
        return subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, "-m", f"jobs.decoding.{program}", *arguments],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={name: os.environ[name] for name in KEPT_NAMES if name in os.environ} | ONE_HEAP,
            **how,
        )
    except OSError as error:
        raise Interrupted(f"no process could be started: {error}") from error
