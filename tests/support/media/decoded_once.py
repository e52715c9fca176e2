"""Remembers what a child made of a small file, since tests hand in the same few again and again.

To start a child takes a tenth of a second. Of what a process of tests hands in for the first time,
and of whatever is refused, drawn into or large, a child is asked as ever; all that tells how they
are held in check is in test_decoders.py and test_standby.py, which ask nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from jobs.decoding import apart
from jobs.decoding.apart import Limits
from jobs.decoding.standby import Standby

ask_a_child = apart._asked
BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class _Answer:
    told: Any
    made: bytes
    files: dict[str, bytes]
    """What it wrote, by the name under which it was asked for."""


_answers: dict[tuple[object, ...], _Answer] = {}


def asked(
    program: str,
    given: dict[str, Any],
    limits: Limits,
    source: bytes | BinaryIO = b"",
    *,
    by: Standby | None = None,
) -> tuple[Any, bytes]:
    """As `apart._asked`, of a fresh child or of what one answered: nobody stands by."""
    targets = _targets(given)
    content = _content(given, source)
    if content is None or len(content) > BYTES_MAX:
        return ask_a_child(program, given, limits, source)
    key = (program, given["work"], given.get("at"), limits, *targets, content)
    if key not in _answers:
        told, made = ask_a_child(program, given, limits, source)
        files = {name: path.read_bytes() for name, path in targets.items() if path.exists()}
        _answers[key] = _Answer(told, made, files)
    answer = _answers[key]
    for name, written in answer.files.items():
        targets[name].write_bytes(written)
    return answer.told, answer.made


def _targets(given: dict[str, Any]) -> dict[str, Path]:
    """The files that are to be written."""
    if given["work"] != "facts":
        return {}
    copies = {str(side): Path(path) for side, path in given["copies"].items()}
    return {"poster": Path(given["poster"]), **copies}


def _content(given: dict[str, Any], source: bytes | BinaryIO) -> bytes | None:
    """What is to be looked at; None of what a copy is drawn of."""
    if given["work"] in ("facts", "frame"):
        path = Path(given["film"])
        return path.read_bytes() if path.is_file() else None
    if given["work"] != "read":
        return None
    if isinstance(source, bytes):
        return source
    content = source.read()
    source.seek(0)
    return content
