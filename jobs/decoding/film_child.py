"""The program that looks at one film (`python -m`, by `apart`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobs.decoding.answers import Picture
from jobs.decoding.confined import Work, serve
from jobs.decoding.film import examine, frame_at
from jobs.decoding.pictures.encoding import encode

FRAME_QUALITY = 95
"""A frame goes through a video's compression twice; once more should not be seen."""


def _facts(given: dict[str, Any]) -> dict[str, Any]:
    copies = {int(side): Path(path) for side, path in given["copies"].items()}
    facts = examine(Path(given["film"]), Path(given["poster"]), copies)
    return {
        "width": facts.width,
        "height": facts.height,
        "seconds": str(facts.seconds),
        "codec": facts.codec,
        "rate": str(facts.rate) if facts.rate else "",
    }


def _frame(given: dict[str, Any]) -> Picture:
    return encode(frame_at(Path(given["film"]), given["at"]), FRAME_QUALITY)


WORKS: Mapping[str, Work] = {"facts": _facts, "frame": _frame}

if __name__ == "__main__":
    serve(WORKS)
