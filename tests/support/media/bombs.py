"""Files of a few kilobytes that say to hold far more than a machine has memory for."""

from __future__ import annotations

import struct
import zlib

from tests.support.media.films import box
from tests.support.media.pictures import chunk, png
from tests.support.media.pictures import picture as drawn

SAMPLES = 60_000_000
UPRIGHT = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def picture(side: int = 7000) -> bytes:
    """A PNG of 49 million pixels, unpacked although most of it never came."""
    return png(side, side)


def passes(side: int = 7000) -> bytes:
    """A JPEG of 49 million pixels in ten passes, each of which goes through all of them."""
    content = drawn(progressive=True)
    frame = content.index(b"\xff\xc2")
    return content[: frame + 5] + struct.pack(">HH", side, side) + content[frame + 9 :]


def words(number: int = 40) -> bytes:
    """A PNG with so many megabytes of text in it, packed."""
    packed = chunk(b"zTXt", b"canary\0\0" + zlib.compress(bytes(1024**2)))
    return png(100, 100, *[packed] * number)


def webp(width: int = 16383, height: int = 16383) -> bytes:
    """The beginning of a WebP, whose decoder would set eight bytes aside for each of its pixels."""
    sides = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + sides
    body += b"VP8L" + struct.pack("<I", 6) + b"\x2f" + bytes(5)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def film(samples: int = SAMPLES) -> bytes:
    """An MP4 with an index of one line, which stands for so many pictures of one byte each."""
    return _film(samples, b"")


def fragments(samples: int = SAMPLES) -> bytes:
    """An MP4 whose fragments say so in turn."""
    track = struct.pack(">I", 1)
    run = _full(b"trun", struct.pack(">I", samples))
    piece = box(b"traf", _full(b"tfhd", track) + run)
    moof = box(b"moof", _full(b"mfhd", track) + piece)
    defaults = _full(b"trex", struct.pack(">5I", 1, 1, 1, 1, 0))
    return _film(0, box(b"mvex", defaults)) + 3 * moof


def _film(samples: int, more: bytes) -> bytes:
    head = struct.pack(">4IIH10x", 0, 0, 1000, 1000, 0x10000, 0x100) + UPRIGHT + bytes(24)
    track = struct.pack(">5I16x", 0, 0, 1, 0, 1000) + UPRIGHT + bytes((1, 64, 0, 0, 0, 240, 0, 0))
    index = (
        _full(b"stsd", struct.pack(">I", 1) + box(b"avc1", _entry()))
        + _full(b"stts", struct.pack(">3I", 1, samples, 1))
        + _full(b"stsc", struct.pack(">4I", 1, 1, samples, 1))
        + _full(b"stsz", struct.pack(">2I", 1, samples))
        + _full(b"stco", struct.pack(">2I", 1, 100))
    )
    minf = box(b"minf", _full(b"vmhd", bytes(8)) + box(b"stbl", index))
    media = _full(b"mdhd", struct.pack(">4I4x", 0, 0, 1000, samples))
    media += _full(b"hdlr", bytes(4) + b"vide" + bytes(14))
    trak = box(b"trak", _full(b"tkhd", track) + box(b"mdia", media + minf))
    moov = box(b"moov", _full(b"mvhd", head + struct.pack(">I", 2)) + trak + more)
    return box(b"ftyp", b"isom\0\0\2\0isomavc1") + moov + box(b"mdat", bytes(3000))


def _entry() -> bytes:
    """H.264 of 320 × 240."""
    return struct.pack(">6xH16xHHIII", 1, 320, 240, 0x480000, 0x480000, 0) + struct.pack(
        ">H32xHh", 1, 24, -1
    )


def _full(kind: bytes, content: bytes) -> bytes:
    return box(kind, bytes(4) + content)
