"""Starts a child for one picture or film, and takes its answer.

It shares nothing with us: no threads whose locks a fork would copy, no memory with keys in it, no
settings, and of the environment only what a Python needs to start. So it is a fresh Python, or the
child of one that stands by (`standby`), where films come one after the other.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from typing import Any, BinaryIO

from jobs.decoding import bare, standby
from jobs.decoding.answers import CutShort, NotAFilm, NotAnImage, Picture
from jobs.decoding.bare import Interrupted


class TooHeavy(Exception):
    """It takes more memory than it may."""


class TooLong(Exception):
    """It takes more of the processor's time than it may."""


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
    """What a child answers that runs a program of this package, such as `drawing_child`.

    Raises what the work raises (`NotAnImage`, `NotAFilm`, `CutShort`, `OSError`), else `TooHeavy`,
    `TooLong` or `Interrupted`.
    """
    return _asked(program, given, limits)[0]


def ask_of_many(given: dict[str, Any], limits: Limits) -> Any:
    """What a child of the process that stands by answers: of one film, where others follow.

    Raises as `ask` does.
    """
    return _asked("film_child", given, limits, by=standby.films)[0]


def _asked(
    program: str,
    given: dict[str, Any],
    limits: Limits,
    source: bytes | BinaryIO = b"",
    *,
    by: standby.Standby | None = None,
) -> tuple[Any, bytes]:
    wanted = {
        **given,
        "memory": limits.memory,
        "seconds": limits.seconds,
        "file_bytes": limits.file_bytes,
    }
    ended = by.ended(wanted, limits.patience) if by else None
    answer, code = ended or _of_a_fresh_one(program, wanted, limits.patience, source)
    if code == -signal.SIGXCPU:
        raise TooLong
    if code:
        raise Interrupted(f"it ended with {code}")
    line, _, made = answer.partition(b"\n")
    told = json.loads(line)
    if "error" in told:
        raise _error(told)
    return told["made"], made


def _of_a_fresh_one(
    program: str, wanted: dict[str, Any], patience: float, source: bytes | BinaryIO
) -> tuple[bytes, int]:
    """What it has answered, and how it ended."""
    content = source if isinstance(source, bytes) else None
    stdin = subprocess.PIPE if isinstance(source, bytes) else source
    given = json.dumps({**wanted, "parent": os.getpid()})
    child = bare.start(program, given, stdin=stdin, stdout=subprocess.PIPE)
    with child:
        try:
            answer, _ = child.communicate(content, patience)
        except subprocess.TimeoutExpired as error:
            raise Interrupted(f"it took longer than {patience:g} s") from error
        finally:
            child.kill()
    return answer, child.returncode


def _error(told: dict[str, Any]) -> Exception:
    words = told.get("words", "")
    if told["error"] == "OSError":
        return OSError(told["number"], words)
    if told["error"] == "MemoryError":
        return TooHeavy()
    known = {each.__name__: each for each in (NotAnImage, NotAFilm, CutShort)}
    return known.get(told["error"], Interrupted)(words)
