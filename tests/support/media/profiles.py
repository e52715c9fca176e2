"""Small colour profiles (ICC.1) that change colours so much that nobody can overlook it."""

from __future__ import annotations

import struct
from itertools import product

D50 = (0.9642, 1.0, 0.8249)
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7139))
"""Red, green and blue as the profile of sRGB has them, adapted to D50."""
P3 = ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841))
"""Of Display P3, which iPhones and Macs write."""
BENT = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""The curve of sRGB, and of Display P3."""


def _fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _profile(space: bytes, kind: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    head, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        head += name + struct.pack(">II", at + len(body), len(content))
        body += padded
    size = 128 + 4 + len(head) + len(body)
    start = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x02400000, kind, space, connection)
    start += bytes(12) + b"acsp" + bytes(28) + _fixed(*D50)
    return start + bytes(128 - len(start)) + struct.pack(">I", len(tags)) + head + body


def of_three(primaries: tuple[tuple[float, ...], ...] = P3) -> bytes:
    """For RGB, with the curve of sRGB and these three colours."""
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(*BENT)
    places = {
        name: b"XYZ " + bytes(4) + _fixed(*colour)
        for name, colour in zip(
            (b"wtpt", b"rXYZ", b"gXYZ", b"bXYZ"), (D50, *primaries), strict=True
        )
    }
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return _profile(b"RGB ", b"mntr", b"XYZ ", places | curves)


def of_grey(gamma: float = 1.0) -> bytes:
    """For grey that is counted in light: 128 is half of it, and looks like 188."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    white = b"XYZ " + bytes(4) + _fixed(*D50)
    return _profile(b"GRAY", b"mntr", b"XYZ ", {b"wtpt": white, b"kTRC": curve})


def of_inks() -> bytes:
    """For CMYK, in which cyan ink is a light blue that no formula without a profile gives."""
    lab = []
    for cyan, magenta, yellow, black in product((0, 1), repeat=4):
        lightness = 100 * (1 - 0.35 * cyan) * (1 - 0.5 * magenta) * (1 - 0.1 * yellow) * (1 - black)
        lab += [
            lightness * 255 / 100,
            128 - 30 * cyan + 70 * magenta,
            128 - 40 * cyan + 80 * yellow,
        ]
    table = bytes(min(255, max(0, round(value))) for value in lab)
    lut = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    lut += bytes(range(256)) * 4 + table + bytes(range(256)) * 3
    white = b"XYZ " + bytes(4) + _fixed(*D50)
    return _profile(b"CMYK", b"prtr", b"Lab ", {b"wtpt": white, b"A2B0": lut})


SWAPPED = of_three(SRGB[::-1])
"""Under this profile red is blue and blue is red."""
