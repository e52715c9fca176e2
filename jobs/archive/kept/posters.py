"""The smaller copies that go with every poster, under names made of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from jobs.archive.kept import files, near
from jobs.decoding.answers import POSTER_SIDES
from jobs.decoding.pictures import encoding


def copy_of(poster: str, side: int) -> str:
    """The name of the copy whose longer side has so many pixels."""
    path = PurePosixPath(poster)
    return str(path.with_name(f"{path.stem}-{side}{path.suffix}"))


def names(poster: str) -> list[str]:
    """The poster's own and its copies'; none where there is no poster."""
    return [poster, *(copy_of(poster, side) for side in POSTER_SIDES)] if poster else []


def as_jpeg(poster: str, side: int) -> bytes:
    """Its copy of this side, else itself, for what knows no WebP; empty where neither is to be had.

    A file that was put back by hand may have come with its large poster alone.
    """
    for name in (copy_of(poster, side), poster) if poster else ():
        try:
            with near.opened(name) as file:
                return encoding.as_jpeg(file)
        except OSError:
            continue
    return b""


@contextmanager
def incoming() -> Iterator[tuple[Path, dict[int, Path]]]:
    """Paths to make a poster at, and its copies by their sides. What is not kept is gone."""
    with ExitStack() as made:
        poster = made.enter_context(files.incoming(".webp"))
        yield poster, {side: made.enter_context(files.incoming(".webp")) for side in POSTER_SIDES}
