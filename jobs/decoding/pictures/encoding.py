"""Encodes pictures of ours: within pixels and bytes that providers take, and nothing but pixels."""

from __future__ import annotations

import io
import math
from typing import BinaryIO, NamedTuple

# Named, since Pillow would else load all of its fifty formats to find one of these.
from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

from jobs.decoding.answers import Picture

SIDE_MAX = 4096
"""Pixels of the longest side we keep: as much as a 4K video shows."""
MADE_BYTES_MAX = 8 * 1024**2
"""Of a picture of ours: well within the 10 MB at which many services begin to refuse."""
QUALITY = 92
WEBP_QUALITY = 95
CLOSER = (85, 75)
"""What is still as good to the eye, for what weighs too much."""
POSTER_QUALITY = 84


class _Way(NamedTuple):
    """How Pillow is told to encode."""

    format: str
    options: dict[str, int]


def encode(image: Image.Image, quality: int = QUALITY) -> Picture:
    """As JPEG, or as PNG where something shines through: within `SIDE_MAX` and `MADE_BYTES_MAX`.

    What stays too heavy is encoded closer, a PNG as WebP, and made smaller only after that.
    """
    image.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.LANCZOS)
    # What Pillow remembers of the file would be written again: comments, profiles, times.
    image.info.clear()
    if image.mode == "RGBA":
        webp = ({"quality": each, "method": 2} for each in (WEBP_QUALITY, *CLOSER))
        way, *closer = [_Way("PNG", {}), *(_Way("WEBP", each) for each in webp)]
    else:
        way, *closer = [_Way("JPEG", {"quality": each}) for each in (quality, *CLOSER)]
    made = _encoded(image, way)
    while len(made.content) > MADE_BYTES_MAX:
        if closer:
            way = closer.pop(0)
        else:
            scale = min(0.9, math.sqrt(MADE_BYTES_MAX / len(made.content)))
            image = image.resize((round(image.width * scale), round(image.height * scale)))
        made = _encoded(image, way)
    return made


def _encoded(image: Image.Image, way: _Way) -> Picture:
    file = io.BytesIO()
    image.save(file, way.format, **way.options)
    return Picture(file.getvalue(), f"image/{way.format.lower()}", *image.size)


def as_jpeg(file: BinaryIO) -> bytes:
    """A poster of ours as JPEG, for programs that know no WebP. Raises `OSError` for no picture."""
    with Image.open(file) as image:
        return encode(image.convert("RGB"), POSTER_QUALITY).content
