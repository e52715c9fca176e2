"""Small real pictures, and what is made to look like one."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (160, 90), colour: Any = (200, 80, 40), **how: Any
) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(file, kind, **how)
    return file.getvalue()


def from_a_phone(orientation: int = 6) -> bytes:
    """Held sideways, red above blue as its sensor sees it, with the place where it was taken."""
    image = Image.new("RGB", (160, 90), (200, 0, 0))
    image.paste((0, 0, 200), (0, 45, 160, 90))
    notes = Image.Exif()
    notes[ORIENTATION], notes[MAKER] = orientation, "Canary Camera"
    notes.get_ifd(GPS)[2] = (48.0, 8.0, 14.0)
    file = io.BytesIO()
    image.save(file, "JPEG", exif=notes, comment=b"canary comment", quality=95)
    return file.getvalue()


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (80, 80), (shade, 0, 0)) for shade in (10, 250)]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    return file.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """One part of a PNG."""
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(width: int, height: int, *more: bytes) -> bytes:
    """A PNG that says to be so large, of a few black lines."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000)
    parts = (chunk(b"IHDR", head), *more, chunk(b"IDAT", body), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
