"""Makes a plain picture of whatever bytes somebody hands in: checked, upright, sRGB, nothing else.

Only pixels survive, so neither a place where a photo was taken nor a second meaning of the file
(a page, a script, an archive) reaches anybody.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib

from PIL import Image, ImageChops, UnidentifiedImageError

from jobs.decoding.answers import BYTES_MAX, NotAnImage, Picture
from jobs.decoding.pictures import jpeg, webp
from jobs.decoding.pictures.colours import plain
from jobs.decoding.pictures.encoding import SIDE_MAX, encode
from jobs.decoding.pictures.kinds import CUT_SHORT, HEAVY, is_cut_short, what_it_is

FORMATS = ("JPEG", "PNG", "WEBP")
PIXELS_MAX = 50_000_000
"""As many as a phone's best camera makes. Told by the header, before anything is unpacked."""
SIDE_MIN = 64
SCANS_MAX = 100
"""Passes of a progressive JPEG. Real ones have ten; each costs the time of a whole picture."""
LOST_MAX = 1 / 50
"""Of a JPEG's rows, those that may never have come; of a small one, its last row of blocks."""
BLOCK = 17
"""Pixels that a row of blocks is high, and the one above it that its colours are drawn into."""
SIDEWAYS = (5, 6, 7, 8)
"""The EXIF orientations in which width is height."""
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
    LookupError,
    TypeError,
    AttributeError,
    struct.error,
    zlib.error,
    Warning,  # where they count as errors, as in the tests
)

warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def read(content: bytes) -> Picture:
    """The picture in these bytes, whatever stands behind it. Raises `NotAnImage`."""
    if len(content) > BYTES_MAX:
        raise NotAnImage(f"This is larger than {BYTES_MAX // 1024**2} MB.")
    try:
        if content.startswith(jpeg.START):
            content = _whole(jpeg.still(content))
        with _opened(content) as image:
            return encode(_upright(image))
    except MemoryError as error:
        raise NotAnImage(HEAVY) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise NotAnImage(what_it_is(content)) from error
    except BROKEN as error:
        raise NotAnImage(
            CUT_SHORT if is_cut_short(content) else "This image is damaged and can’t be read."
        ) from error


def _whole(found: jpeg.Still) -> bytes:
    """The bytes of a still, with an end put to those that lack no more than their last ones."""
    if found.scans > SCANS_MAX or found.markers == jpeg.MARKERS_MAX:
        raise NotAnImage("This JPEG has an unusual structure that can’t be read safely.")
    if found.is_whole:
        return found.content
    if not found.is_in_its_last_scan:
        raise NotAnImage(CUT_SHORT)
    came, otherwise = map(_colours, found.endings())
    lost = ImageChops.difference(came, otherwise).getbbox()
    if lost and came.height - lost[1] > max(BLOCK, came.height * LOST_MAX):
        raise NotAnImage(CUT_SHORT)
    return found.endings()[0]


def _colours(content: bytes) -> Image.Image:
    with _opened(content) as image:
        return _unpacked(image).convert("RGB")


def _opened(content: bytes) -> Image.Image:
    """Its header read, and found sensible; nothing is unpacked yet."""
    if webp.pixels(content) > webp.PIXELS_MAX:
        raise NotAnImage(
            f"This WebP has more than {webp.PIXELS_MAX // 1_000_000} million pixels. Save it "
            "smaller, or as a JPEG."
        )
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    if image.width * image.height > PIXELS_MAX:
        raise _too_many_pixels()
    # A JPEG of several pictures (MPO: depth, a second lens) starts with the one people mean.
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        raise NotAnImage("This image is animated. Choose a still image, or a frame of a video.")
    short, long = sorted(image.size)
    if short < SIDE_MIN:
        raise NotAnImage(
            f"This image is too small ({_size(image)}). Each side must be at least {SIDE_MIN}."
        )
    if short * SIDE_MAX < long * SIDE_MIN:
        raise NotAnImage(
            f"This image is too narrow ({_size(image)}). Its longer side may be at most "
            f"{SIDE_MAX // SIDE_MIN} times as long as the other."
        )
    return image


def _size(image: Image.Image) -> str:
    """As people see it."""
    way = _orientation(image)
    width, height = reversed(image.size) if way in SIDEWAYS else image.size
    return f"{width} × {height} pixels"


def _too_many_pixels() -> NotAnImage:
    return NotAnImage(f"This has more than {PIXELS_MAX // 1_000_000} million pixels.")


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera was held, in plain colours."""
    unpacked = _unpacked(image)
    way = TURNS.get(_orientation(image))
    return plain(unpacked) if way is None else plain(unpacked).transpose(way)


def _unpacked(image: Image.Image) -> Image.Image:
    if image.format in ("JPEG", "MPO"):
        # At half the size or less, where that is still enough.
        image.draft("RGB", (SIDE_MAX, SIDE_MAX))
    image.load()
    return image


def _orientation(image: Image.Image) -> object:
    try:
        return image.getexif().get(ORIENTATION)
    except BROKEN:
        return None  # damaged notes about a picture are no damaged picture
