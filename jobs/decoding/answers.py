"""What comes of decoding, for those who never decode: no decoder is loaded to know these."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

BYTES_MAX = 50 * 1024**2
"""Of a picture's file: the largest photo, and the film that a phone puts behind it."""
POSTER_SIZE = (960, 960)
"""Pixels that a poster is fitted into."""
POSTER_SIDES = (320, 640)
"""Pixels of the longer side of its smaller copies: for cards, and for cards on sharp screens."""
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


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
        return SUFFIXES[self.content_type]


@dataclass(frozen=True, slots=True)
class Facts:
    """Pixels and seconds as people see them; the name of the codec, whatever decodes it here."""

    width: int
    height: int
    seconds: Decimal
    codec: str
    rate: Fraction | None = None
    """Frames a second; None where a file tells none that makes sense."""


class NotAnImage(Exception):
    """Nothing that a video can be made from; nothing was kept."""

    def __init__(self, user_message: str) -> None:
        self.user_message = user_message
        super().__init__(user_message)


class NotAFilm(Exception):
    """The bytes are not an MP4 with a picture in it."""


class CutShort(Exception):
    """An MP4 of which the end is missing."""
