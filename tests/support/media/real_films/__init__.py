"""Films as providers, cameras, phones, editors and browsers make them: small, and made on demand.

Every one is whole, plays to its end, and shows `scene` upright to whoever turns it as it says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.support.media.films import box
from tests.support.media.real_films import boxes
from tests.support.media.real_films.making import (
    CORNERS,
    SIZE,
    Recipe,
    corners,
    growing,
    made,
    scene,
)

__all__ = [
    "BOXES",
    "CORNERS",
    "KINDS",
    "SEEN",
    "SIZE",
    "TURNED",
    "corners",
    "film",
    "growing",
    "scene",
]

PLAIN = Recipe()
INDEX_FIRST = replace(PLAIN, flags="+faststart")
FRAGMENTS = "+empty_moov+default_base_moof+frag_every_frame"
TALL = (SIZE[1], SIZE[0])

BOXES: dict[str, Callable[[], bytes]] = {
    "a box that nobody knows": lambda: boxes.between(made(PLAIN), box(b"zq7!", bytes(40))),
    "many of them": lambda: boxes.between(made(PLAIN), *[box(b"\xa9x%02d" % n) for n in range(60)]),
    "provenance behind (C2PA)": lambda: made(PLAIN) + boxes.PROVENANCE,
    "provenance in front (C2PA)": lambda: boxes.in_front(made(PLAIN), boxes.PROVENANCE),
    "provenance (JUMBF)": lambda: boxes.between(made(PLAIN), box(b"jumb", bytes(120))),
    "words of an editor (XMP)": lambda: boxes.between(made(PLAIN), boxes.PACKET),
    "room left free": lambda: boxes.between(made(PLAIN), box(b"free", bytes(999)), box(b"skip")),
    "room of QuickTime": lambda: boxes.wide(made(PLAIN)),
    "a size in 64 bits": lambda: boxes.large_size(made(PLAIN)),
    "no size for the last box": lambda: boxes.no_size(made(INDEX_FIRST)),
    "a picture left out": lambda: boxes.left_out(made(INDEX_FIRST)),
    "bytes behind the end": lambda: made(PLAIN) + bytes(3) + b"<html>",
    "index behind": lambda: made(PLAIN),
    "index in front": lambda: made(INDEX_FIRST),
    "fragments": lambda: made(replace(PLAIN, flags=FRAGMENTS)),
    "fragments with an index of them": lambda: made(replace(PLAIN, flags=FRAGMENTS + "+dash")),
    "fragments with one index of all": lambda: made(
        replace(PLAIN, flags=FRAGMENTS + "+dash+global_sidx")
    ),
    "fragments that became a film": lambda: made(replace(PLAIN, flags="+hybrid_fragmented")),
}
"""Ways to pack one and the same film."""

TURNED: dict[str, Recipe] = {
    "a phone held upright": replace(PLAIN, turned=-90, seen=TALL),
    "a phone held upright, the other way": replace(PLAIN, turned=90, seen=TALL),
    "a phone upside down": replace(PLAIN, turned=180),
    "a camera for selfies": replace(PLAIN, mirrored=True),
    "a camera for selfies, upright": replace(PLAIN, mirrored=True, turned=90, seen=TALL),
    "a camera for selfies, upright, the other way": replace(
        PLAIN, mirrored=True, turned=-90, seen=TALL
    ),
    "wide pixels": replace(PLAIN, wide_pixels=2, seen=(192, 64)),
    "wide pixels of a phone held upright": replace(
        PLAIN, wide_pixels=2, turned=-90, seen=(64, 192)
    ),
}
"""Films that a player does not show as they are stored."""

KINDS: dict[str, Recipe] = {
    "pictures out of order": replace(PLAIN, options=(("preset", "medium"), ("bf", "3"))),
    "a rate that varies": replace(PLAIN, moments=(0, 1, 2, 5, 6, 9, 14, 15, 20, 21)),
    "a late beginning": replace(PLAIN, moments=tuple(range(6, 18)), sound="aac"),
    "sound": replace(PLAIN, sound="aac"),
    "sound of MP3": replace(PLAIN, sound="libmp3lame"),
    "sound of FLAC": replace(PLAIN, sound="flac"),
    "MPEG-4": replace(PLAIN, codec="mpeg4", options=(("bf", "2"),)),
    "one picture alone": replace(PLAIN, moments=(0,)),
    "many key pictures": replace(PLAIN, options=(("preset", "ultrafast"), ("g", "3"))),
    "HEVC": replace(PLAIN, codec="libx265", options=(("x265-params", "log-level=none"),)),
    "ten bits": replace(PLAIN, pixels="yuv420p10le"),
    "a timecode": replace(PLAIN, metadata=(("timecode", "01:00:00:00"),)),
    "QuickTime": replace(PLAIN, kind="mov", sound="pcm_s16le"),
    "AV1": replace(PLAIN, codec="libsvtav1", options=(("preset", "12"),)),
    "VP9": replace(PLAIN, codec="libvpx-vp9", options=(("deadline", "realtime"),)),
    "full range": replace(PLAIN, pixels="yuvj420p"),
    "all colours": replace(PLAIN, pixels="yuv444p"),
    "a cover": replace(PLAIN, cover=True),
}
"""Films that differ in what they hold."""

SEEN: dict[str, Recipe] = {**KINDS, **TURNED}

LONG: dict[str, Recipe] = {
    "ten seconds": replace(INDEX_FIRST, moments=tuple(range(0, 240, 2))),
    "slow fragments with one index of all": replace(
        PLAIN, flags=FRAGMENTS + "+dash+global_sidx", moments=tuple(range(0, 240, 24))
    ),
}
"""Films long enough for an end to be missed."""


def film(name: str) -> bytes:
    """One of all of the above, by its name."""
    return BOXES[name]() if name in BOXES else made({**SEEN, **LONG}[name])


def large(recipe: Recipe) -> bytes:
    """The same, six times as large: enough for something to be read in it."""
    return made(replace(recipe, seen=(6 * recipe.seen[0], 6 * recipe.seen[1])))
