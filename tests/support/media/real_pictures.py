"""Small pictures as phones, cameras, editors and browsers write them, and what each looks like."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image

from tests.support.media import profiles
from tests.support.media.films import film
from tests.support.media.pictures import chunk, from_a_phone, moving

SIZE = (96, 64)
RED, BLUE = (200, 90, 30), (30, 90, 200)
P3_RED = (234, 51, 35)
"""The red of sRGB, in the numbers of Display P3."""
CLEAR = (140,)
GREY_IN_LIGHT = profiles.of_grey()


@dataclass(frozen=True, slots=True)
class Real:
    """One file, and what it looks like: its size upright, and the colour of most of it."""

    make: Callable[[], bytes]
    colour: tuple[int, ...]
    size: tuple[int, int] = SIZE
    content_type: str = "image/jpeg"


def saved(mode: str, colour: Any, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    picture = Image.new(mode, SIZE, colour)
    if mode == "P":
        picture.putpalette([*RED, 0, 0, 0])
    picture.save(file, kind, **how)
    return file.getvalue()


def detailed(size: tuple[int, int] = (320, 240), kind: str = "JPEG", **how: Any) -> bytes:
    """A picture in which every part differs from every other."""
    file = io.BytesIO()
    Image.effect_mandelbrot(size, (-2.2, -1.2, 0.8, 1.2), 90).convert("RGB").save(file, kind, **how)
    return file.getvalue()


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def cut_out(size: tuple[int, int] = (400, 300)) -> bytes:
    """A PNG that fades away to one side, and is so full of detail that it weighs much."""
    grain = Image.effect_noise(size, 40)
    colours = Image.merge("RGB", (grain, grain, grain.point(lambda value: value - 40)))
    colours.putalpha(Image.linear_gradient("L").resize(size))
    file = io.BytesIO()
    colours.save(file, "PNG")
    return file.getvalue()


def motion_photo(still: bytes, film_bytes: int = 7_000_000) -> bytes:
    """A still, and behind it a film, in which any two bytes come along a hundred times."""
    every_pair = b"\xff\xda\xff\xc4\xff\xd8" * 120
    return still + film() + every_pair + bytes(film_bytes)


def second_lens() -> bytes:
    """Two stills in one file (MPO), as phones write them for depth."""
    file = io.BytesIO()
    other = Image.new("RGB", SIZE, (0, 200, 0))
    Image.new("RGB", SIZE, RED).save(file, "MPO", save_all=True, append_images=[other])
    return file.getvalue()


def deep(colour: tuple[int, ...], profile: bytes) -> bytes:
    """A PNG of 16 bits a channel, which Pillow reads and does not write."""
    width, height = SIZE
    head = struct.pack(">IIBBBBB", width, height, 16, 6 if len(colour) == 4 else 2, 0, 0, 0)
    row = b"\0" + b"".join(struct.pack(">H", value * 257) for value in colour) * width
    parts = [
        chunk(b"IHDR", head),
        chunk(b"iCCP", b"canary\0\0" + zlib.compress(profile)),
        chunk(b"IDAT", zlib.compress(row * height)),
        chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _sticker(kind: str, **how: Any) -> bytes:
    return saved("RGBA", RED + CLEAR, kind, icc_profile=profiles.SWAPPED, **how)


P3 = profiles.of_three()
TAKEN = {
    "an iPhone's photo": Real(
        lambda: saved("RGB", P3_RED, "JPEG", icc_profile=P3, quality=95), (255, 0, 0)
    ),
    "held sideways": Real(lambda: from_a_phone(6), (200, 0, 0), (90, 160)),
    "a motion photo": Real(lambda: motion_photo(saved("RGB", RED, "JPEG")), RED),
    "a motion photo in P3": Real(
        lambda: motion_photo(saved("RGB", P3_RED, "JPEG", icc_profile=P3, quality=95)), (255, 0, 0)
    ),
    "two lenses": Real(second_lens, RED),
    "from the web": Real(lambda: saved("RGB", RED, "JPEG", progressive=True), RED),
    "for print": Real(
        lambda: saved("CMYK", (255, 0, 0, 0), "JPEG", icc_profile=profiles.of_inks()),
        (0, 176, 230),
    ),
    "for print, without a profile": Real(
        lambda: saved("CMYK", (255, 0, 0, 0), "JPEG"), (0, 255, 255)
    ),
    "scanned in grey": Real(
        lambda: saved("L", 128, "JPEG", icc_profile=GREY_IN_LIGHT), (188, 188, 188)
    ),
    "with a broken profile": Real(
        lambda: saved("RGB", RED, "JPEG", icc_profile=profiles.SWAPPED[:300]), RED
    ),
    "with a profile of other colours": Real(
        lambda: saved("RGB", RED, "JPEG", icc_profile=profiles.of_inks()), RED
    ),
    "a screenshot of a Mac": Real(
        lambda: saved("RGBA", (*P3_RED, 255), "PNG", icc_profile=P3), (255, 0, 0)
    ),
    "a sticker": Real(lambda: _sticker("PNG"), BLUE + CLEAR, content_type="image/png"),
    "a sticker as WebP": Real(
        lambda: _sticker("WEBP", quality=95), BLUE + CLEAR, content_type="image/png"
    ),
    "an opaque WebP": Real(
        lambda: saved("RGB", P3_RED, "WEBP", icc_profile=P3, quality=95), (255, 0, 0)
    ),
    "a logo of few colours": Real(
        lambda: saved("P", 0, "PNG", transparency=bytes(CLEAR), icc_profile=profiles.SWAPPED),
        BLUE + CLEAR,
        content_type="image/png",
    ),
    "a drawing of few colours": Real(
        lambda: saved("P", 0, "PNG", icc_profile=profiles.SWAPPED), BLUE
    ),
    "one colour that is clear": Real(
        lambda: saved("RGB", RED, "PNG", transparency=RED, icc_profile=profiles.SWAPPED),
        (*BLUE, 0),
        content_type="image/png",
    ),
    "a grey stamp": Real(
        lambda: saved("LA", (128, *CLEAR), "PNG", icc_profile=GREY_IN_LIGHT),
        (188, 188, 188, *CLEAR),
        content_type="image/png",
    ),
    "grey under a profile of colours": Real(
        lambda: saved("L", 128, "PNG", icc_profile=profiles.SWAPPED), (128, 128, 128)
    ),
    "grey of 16 bits": Real(
        lambda: saved("I;16", 128 * 257, "PNG", icc_profile=GREY_IN_LIGHT), (188, 188, 188)
    ),
    "a render of 16 bits": Real(lambda: deep(P3_RED, P3), (255, 0, 0)),
    "a render of 16 bits with a hole": Real(
        lambda: deep(RED + CLEAR, profiles.SWAPPED), BLUE + CLEAR, content_type="image/png"
    ),
    "a fax": Real(lambda: saved("1", 1, "PNG"), (255, 255, 255)),
}


def brand(*names: bytes) -> bytes:
    """The beginning of a file of the family of MP4, of these kinds."""
    return (
        struct.pack(">I", 12 + 4 * len(names)) + b"ftyp" + names[0] + bytes(4) + b"".join(names[1:])
    )


HEIC = "Export it as JPEG: on an iPhone"
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "an iPhone's HEIC": (lambda: brand(b"heic", b"mif1", b"heic") + bytes(500), HEIC),
    "a burst in HEIC": (lambda: brand(b"msf1", b"hevc", b"mif1") + bytes(500), HEIC),
    "a HEIF of a camera": (lambda: brand(b"mif1", b"heix") + bytes(500), HEIC),
    "an AVIF": (lambda: saved("RGB", RED, "AVIF", speed=10), "this is an AVIF image"),
    "a film": (film, "this is a video"),
    "a GIF that moves": (lambda: moving("GIF"), "this is a GIF"),
    "a PNG that moves": (lambda: moving("PNG"), "This image is animated"),
    "a WebP that moves": (lambda: moving("WEBP"), "This image is animated"),
    "half a PNG": (lambda: half(detailed(kind="PNG")), "its end is missing"),
    "half a WebP": (lambda: half(detailed(kind="WEBP")), "its end is missing"),
}
