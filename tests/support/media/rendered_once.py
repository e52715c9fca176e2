"""Remembers the films that stand for every prompt, which each practice server would draw anew.

For who asks what becomes of orders. How films are drawn is told in tests/practice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.practice.film import FilmSpec
from jobs.practice.film import render as draw


def render(
    spec: FilmSpec,
    film: Path,
    poster: Path,
    stopping: Callable[[], bool],
    opening: Path | None,
) -> None:
    """As the practice provider's own, of films that start from no picture."""
    assert opening is None
    for path, content in zip((film, poster), _rendered(spec), strict=True):
        path.write_bytes(content)


@cache
def _rendered(spec: FilmSpec) -> tuple[bytes, bytes]:
    with TemporaryDirectory() as folder:
        film, poster = Path(folder, "film"), Path(folder, "poster")
        draw(spec, film, poster)
        return film.read_bytes(), poster.read_bytes()
