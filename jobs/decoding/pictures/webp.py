"""How large a WebP says to be: its decoder sets memory aside for that as soon as it is opened."""

from __future__ import annotations

import struct

PIXELS_MAX = 25_000_000
"""Each takes 16 to 20 bytes while it is decoded, more than twice as much as in other formats."""


def pixels(content: bytes) -> int:
    """Width times height, as the first chunk has it (RFC 9649); 0 where that is none of WebP's."""
    if not (content.startswith(b"RIFF") and content[8:12] == b"WEBP") or len(content) < 30:
        return 0
    kind = content[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (each & 0x3FFF for each in struct.unpack_from("<HH", content, 26))
    else:
        return 0
    return width * height
