"""The program that draws into a copy of one film, or of its poster (`python -m`, by `apart`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jobs.decoding import watermark
from jobs.decoding.confined import serve


def _draw(given: dict[str, Any]) -> None:
    watermark.draw(Path(given["source"]), Path(given["target"]), given["text"])


def _draw_on_picture(given: dict[str, Any]) -> None:
    watermark.draw_on_picture(Path(given["source"]), Path(given["target"]), given["text"])


if __name__ == "__main__":
    serve({"draw": _draw, "draw_on_picture": _draw_on_picture})
