"""Encodes pictures of ours: within pixels and bytes that providers take, and nothing but pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

SIDE_MAX = 4096
"""Pixels of the longest side we keep: as much as a 4K video shows."""
QUALITY = 92
POSTER_QUALITY = 84


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture of ours."""

    content: bytes
    content_type: str
    width: int
    height: int

    @property
    def suffix(self) -> str:
        """The end of its file's name, the same as the model's `Image.suffix`."""
        return "png" if self.content_type == "image/png" else "jpg"


def encode(image: Image.Image, quality: int = QUALITY) -> Picture:
    """As JPEG, or as PNG where something shines through; never longer than `SIDE_MAX`."""
    image.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.LANCZOS)
    # What Pillow remembers of the file would be written again: comments, profiles, times.
    image.info.clear()
    file = io.BytesIO()
    if image.mode == "RGBA":
        image.save(file, "PNG")
        return Picture(file.getvalue(), "image/png", *image.size)
    image.save(file, "JPEG", quality=quality)
    return Picture(file.getvalue(), "image/jpeg", *image.size)


def as_jpeg(file: BinaryIO) -> bytes:
    """A poster of ours as JPEG, for programs that know no WebP. Raises `OSError` for no picture."""
    with Image.open(file) as image:
        return encode(image.convert("RGB"), POSTER_QUALITY).content
