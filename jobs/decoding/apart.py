"""Starts a child for one picture or film, and takes its answer.

A fresh Python costs a picture some 80 ms and a film 120, little beside what decoding takes, and
fetching. It shares nothing with us: no threads whose locks a fork would copy, no memory with keys
in it, no settings, and of the environment only what a Python needs to start.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from jobs.decoding.answers import CutShort, NotAFilm, NotAnImage, Picture

ROOT = Path(__file__).resolve().parents[2]
KEPT_NAMES = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "TMPDIR")
"""Of the environment: no secret is among them."""
ONE_HEAP = {"MALLOC_ARENA_MAX": "2"}
"""Each thread would otherwise set addresses aside for a heap of its own."""


class TooHeavy(Exception):
    """It takes more memory than it may."""


class TooLong(Exception):
    """It takes more of the processor's time than it may."""


class Interrupted(Exception):
    """The child ended without an answer, which proves nothing about the file; says how."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may take."""

    memory: int
    """Bytes of addresses, the 30 to 130 MB of the libraries among them."""
    seconds: int
    """Of one processor."""
    patience: float
    """Seconds on the wall until it is ended, whatever it waits for."""
    file_bytes: int = 0
    """The most that it may write into a file."""


def picture(
    program: str, given: dict[str, Any], limits: Limits, source: bytes | BinaryIO = b""
) -> Picture:
    """The picture that a child makes of `source`. Raises as `ask` does."""
    told, content = _asked(program, given, limits, source)
    return Picture(content, told["type"], told["width"], told["height"])


def ask(program: str, given: dict[str, Any], limits: Limits) -> Any:
    """What a child answers that runs a program of this package, such as `film_child`.

    Raises what the work raises (`NotAnImage`, `NotAFilm`, `CutShort`, `OSError`), else `TooHeavy`,
    `TooLong` or `Interrupted`.
    """
    return _asked(program, given, limits)[0]


def _asked(
    program: str, given: dict[str, Any], limits: Limits, source: bytes | BinaryIO = b""
) -> tuple[Any, bytes]:
    wanted = {
        **given,
        "parent": os.getpid(),
        "memory": limits.memory,
        "seconds": limits.seconds,
        "file_bytes": limits.file_bytes,
    }
    content = source if isinstance(source, bytes) else None
    try:
        child = subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, "-m", f"jobs.decoding.{program}", json.dumps(wanted)],
            stdin=subprocess.PIPE if isinstance(source, bytes) else source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={name: os.environ[name] for name in KEPT_NAMES if name in os.environ} | ONE_HEAP,
        )
    except OSError as error:
        raise Interrupted(f"no process could be started: {error}") from error
    with child:
        try:
            answer, _ = child.communicate(content, limits.patience)
        except subprocess.TimeoutExpired as error:
            raise Interrupted(f"it took longer than {limits.patience:g} s") from error
        finally:
            child.kill()
    if child.returncode == -signal.SIGXCPU:
        raise TooLong
    if child.returncode:
        raise Interrupted(f"it ended with {child.returncode}")
    line, _, made = answer.partition(b"\n")
    told = json.loads(line)
    if "error" in told:
        raise _error(told)
    return told["made"], made


def _error(told: dict[str, Any]) -> Exception:
    words = told.get("words", "")
    if told["error"] == "OSError":
        return OSError(told["number"], words)
    if told["error"] == "MemoryError":
        return TooHeavy()
    known = {each.__name__: each for each in (NotAnImage, NotAFilm, CutShort)}
    return known.get(told["error"], Interrupted)(words)
