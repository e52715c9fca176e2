"""Makes a plain picture of whatever bytes somebody hands in: checked, upright, sRGB, nothing else.

Only pixels survive, so neither a place where a photo was taken nor a second meaning of the file
(a page, a script, an archive) reaches anybody.
"""

from __future__ import annotations

import io
import struct
import threading
import warnings
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageCms, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")
BYTES_MAX = 20 * 1024**2
PIXELS_MAX = 50_000_000
"""As many as a phone's best camera makes. Told by the header, before anything is unpacked."""
SIDE_MIN = 64
SIDE_MAX = 4096
"""Pixels of the longest side we keep: as much as a 4K video shows."""
SCANS_MAX = 100
"""Passes of a progressive JPEG. Real ones have ten; each costs the time of a whole picture."""
QUALITY = 92
POSTER_QUALITY = 84
KNOWN = {
    b"GIF8": "a GIF",
    b"BM": "a BMP",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"%PDF": "a PDF",
    b"<svg": "an SVG",
    b"<?xml": "an SVG or another XML file",
}
ORIENTATION = 0x0112
"""The EXIF tag that says how the camera was held."""
TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# All that Pillow's readers of these three formats were seen to raise for odd bytes.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    OverflowError,
    MemoryError,
    LookupError,
    TypeError,
    AttributeError,
    struct.error,
    zlib.error,
    Warning,  # where they count as errors, as in the tests
)
_one_at_a_time = threading.Lock()
"""The largest picture takes 500 MB while it is worked on; no process holds more than one."""

warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class NotAnImage(Exception):
    """Nothing that a video can be made from; nothing was kept."""

    def __init__(self, user_message: str) -> None:
        self.user_message = user_message
        super().__init__(user_message)


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


def read(content: bytes) -> Picture:
    """The picture in these bytes. Raises `NotAnImage`."""
    if len(content) > BYTES_MAX:
        raise NotAnImage(f"This is larger than {BYTES_MAX // 1024**2} MB.")
    if content.count(b"\xff\xda") > SCANS_MAX and content.startswith(b"\xff\xd8"):
        raise NotAnImage("This JPEG has an unusual structure that can’t be read safely.")
    try:
        with _one_at_a_time, Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _require_sensible(image)
            picture = encode(_upright(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise NotAnImage(_what_it_is(content)) from error
    except BROKEN as error:
        raise NotAnImage("This image is damaged and can’t be read.") from error
    if min(picture.width, picture.height) < SIDE_MIN:
        raise NotAnImage(
            f"This image is too small ({picture.width} × {picture.height} pixels). Each side must "
            f"be at least {SIDE_MIN}."
        )
    return picture


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


def _require_sensible(image: Image.Image) -> None:
    if image.width * image.height > PIXELS_MAX:
        raise _too_many_pixels()
    # A JPEG of several pictures (MPO: depth, a second lens) starts with the one people mean.
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        raise NotAnImage("This image is animated. Choose a still image, or a frame of a video.")


def _too_many_pixels() -> NotAnImage:
    return NotAnImage(f"This has more than {PIXELS_MAX // 1_000_000} million pixels.")


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera was held, in plain colours."""
    if image.format == "JPEG":
        # Unpacked at half the size or less, where that is still enough.
        image.draft("RGB", (SIDE_MAX, SIDE_MAX))
    image.load()
    way = TURNS.get(_orientation(image))
    plain = _plain(image)
    return plain if way is None else plain.transpose(way)


def _orientation(image: Image.Image) -> object:
    try:
        return image.getexif().get(ORIENTATION)
    except BROKEN:
        return None  # damaged notes about a picture are no damaged picture


def _plain(image: Image.Image) -> Image.Image:
    """RGB, or RGBA where something really shines through; in sRGB, which everybody shows."""
    if image.mode.startswith("I") or image.mode == "F":
        # 16 bits a channel: the upper 8 of them.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        rgba = image if image.mode == "RGBA" else image.convert("RGBA")
        if rgba.getchannel("A").getextrema() != (255, 255):
            return rgba
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return image.convert("RGB")  # a profile nobody can read is no profile
        if converted is not None:
            return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def _what_it_is(content: bytes) -> str:
    head = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if content[4:8] == b"ftyp":
        kind = "a HEIC or AVIF image" if content[8:10] in (b"he", b"mi", b"av") else "a video"
    else:
        kind = next((k for magic, k in KNOWN.items() if head.startswith(magic)), "something else")
    return f"Only JPEG, PNG and WebP images are supported; this is {kind}."
