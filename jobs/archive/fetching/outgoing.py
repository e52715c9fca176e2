"""Films that are fetched and found good, on this machine's disk until their bucket has them.

Whatever breaks off between the two, the provider need not be asked again: the worker that takes the
film up next on this machine finds it here. It goes once the row says where it is kept, and not
before.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from jobs.archive.fetching.download import Downloaded
from jobs.archive.kept import files, places, posters, walking
from jobs.archive.kept.s3.sums import sums_of
from jobs.decoding.answers import POSTER_SIDES, Facts
from jobs.machine import disk
from jobs.models import Rendition

FILM, POSTER, FACTS = "film.mp4", "poster.webp", "facts.json"
PAUSE_SECONDS = 1800
KEPT_SECONDS = 30 * 24 * 3600
"""A film of which this database has no row: it may be restored, or the film adopted."""


class Film(NamedTuple):
    """One that is whole, with what is known of it."""

    folder: Path
    done: Downloaded
    facts: Facts


def lay_down(
    rendition: Rendition,
    film: Path,
    poster: Path,
    copies: Mapping[int, Path],
    done: Downloaded,
    facts: Facts,
) -> Film:
    """Keep it here, all of it or nothing, whatever happens after that. Raises `OSError`."""
    made = _folder(rendition.pk)
    part = made.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    film.replace(part / FILM)
    poster.replace(part / POSTER)
    for side, path in copies.items():
        path.replace(part / posters.copy_of(POSTER, side))
    (part / FACTS).write_text(json.dumps(_written(done, facts)), encoding="utf-8")
    for path in part.iterdir():
        disk.sync(path)
    shutil.rmtree(made, ignore_errors=True)
    part.rename(made)
    disk.sync(made.parent)
    return Film(made, done, facts)


def found(rendition: Rendition) -> Film | None:
    """What was laid down of it on this machine, if it still is what it was."""
    folder = _folder(rendition.pk)
    try:
        told = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        done, facts = _read(told)
        is_whole = sums_of(folder / FILM).sha256 == done.sha256
    except (OSError, ValueError, KeyError):
        return None
    return Film(folder, done, facts) if is_whole else None


def send(rendition: Rendition, film: Film, beat: Callable[[], None]) -> tuple[str, str]:
    """Send all of it to the bucket; the names that film and poster have there.

    Those of this claim alone: a worker that was taken over writes over nothing. Raises `OSError`.
    """
    name = f"{rendition.pk.hex[:2]}/{rendition.pk}-{rendition.attempts}"
    poster = f"{name}.webp"
    made = {posters.copy_of(poster, each): posters.copy_of(POSTER, each) for each in POSTER_SIDES}
    made |= {poster: POSTER, f"{name}.mp4": FILM}
    there = {each: film.folder / path for each, path in made.items()}
    files.keep({each: path for each, path in there.items() if path.exists()}, beat)
    return f"{name}.mp4", poster


def remove_earlier(rendition: Rendition, kept: str) -> None:
    """Remove what earlier attempts had sent, and whose workers died: it is nobody's stray."""
    if rendition.attempts == 1:
        return
    folder, own = rendition.pk.hex[:2], f"{rendition.pk}"
    stem = kept.removesuffix(".mp4")
    for name in walking.names(folder):
        if name.startswith(f"{folder}/{own}") and not name.startswith((f"{stem}.", f"{stem}-")):
            files.delete(name)


def forget(rendition_id: UUID) -> None:
    """It is kept where it belongs."""
    shutil.rmtree(_folder(rendition_id), ignore_errors=True)


def tidy() -> list[UUID]:
    """Forget what is kept by now; the films of which somebody gave up, and which are here.

    Each of those once in a while, for as long as it is here.
    """
    here = dict(_all())
    if not here:
        return []
    rows = dict(Rendition.objects.filter(pk__in=here).values_list("pk", "state"))
    due = []
    for number, seconds in here.items():
        state = rows.get(number)
        if state in {"stored", "purged"} or (state is None and seconds > KEPT_SECONDS):
            forget(number)
        elif state in {"expired", "rejected"} and seconds > PAUSE_SECONDS:
            due.append(number)
            with suppress(FileNotFoundError):
                os.utime(_folder(number))
    return due


def _all() -> Iterator[tuple[UUID, float]]:
    """What is here, and for how many seconds; a worker that has sent one takes it away any time."""
    folder = places.here(places.OUTGOING)
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if not path.suffix:
                yield UUID(path.name), time.time() - path.stat().st_mtime


def _folder(rendition_id: UUID) -> Path:
    return places.here(places.OUTGOING) / str(rendition_id)


def _written(done: Downloaded, facts: Facts) -> dict[str, object]:
    return {
        "bytes": done.bytes,
        "sha256": done.sha256,
        "width": facts.width,
        "height": facts.height,
        "seconds": str(facts.seconds),
        "codec": facts.codec,
        "rate": str(facts.rate or ""),
    }


def _read(told: dict[str, str]) -> tuple[Downloaded, Facts]:
    facts = Facts(
        int(told["width"]),
        int(told["height"]),
        Decimal(told["seconds"]),
        told["codec"],
        Fraction(told["rate"]) if told["rate"] else None,
    )
    return Downloaded(int(told["bytes"]), told["sha256"]), facts
