"""The program that decodes one picture, from standard input (`python -m`, by `apart`)."""

from __future__ import annotations

import sys
from typing import Any

from jobs.decoding.answers import BYTES_MAX, Picture
from jobs.decoding.confined import serve
from jobs.decoding.pictures.reading import read


def _read(_given: dict[str, Any]) -> Picture:
    return read(sys.stdin.buffer.read(BYTES_MAX + 1))


if __name__ == "__main__":
    serve({"read": _read})
