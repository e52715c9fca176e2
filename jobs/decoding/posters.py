"""Writes what is shown of a film before it plays, and in its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import av
from PIL import Image

from jobs.decoding.answers import POSTER_SIZE

QUALITY, METHOD = 81, 2
"""As good and as small as 80 with method 4, for half of its time."""
COPY_QUALITY, COPY_METHOD = 72, 6
"""Of the small ones, of which a page shows two dozen."""


def write(shown: av.VideoFrame, poster: Path, copies: Mapping[int, Path]) -> None:
    """Write the poster as WebP, and smaller ones by the pixels of their longer sides."""
    scale = min(1, POSTER_SIZE[0] / shown.width, POSTER_SIZE[1] / shown.height)
    width, height = (max(round(scale * side), 1) for side in (shown.width, shown.height))
    # Made smaller on the way to RGB, for a third of what Pillow takes for the one after the other.
    image: Image.Image = shown.to_image(  # type: ignore[no-untyped-call]
        width=width, height=height, interpolation="BICUBIC"
    )
    image.save(poster, "WEBP", quality=QUALITY, method=METHOD)
    for side in sorted(copies, reverse=True):
        # Each of the next larger one, which costs a fraction of beginning with the frame.
        image.thumbnail((side, side))
        image.save(copies[side], "WEBP", quality=COPY_QUALITY, method=COPY_METHOD)
