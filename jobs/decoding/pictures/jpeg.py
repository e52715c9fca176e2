"""Where the still of a JPEG ends: phones and editors put films, depth and notes behind it.

Pillow reads on as long as there are bytes, and does not tell how much of a picture came. So the
markers are followed here (ITU-T T.81, annex B), as far as the end of the first picture.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

START = b"\xff\xd8"
END = b"\xff\xd9"
MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
"""The next that is neither a stuffed byte nor a restart: those belong to a scan."""
RESTARTS = tuple(bytes((0xFF, number)) for number in range(0xD0, 0xD8))
END_OF_IMAGE, START_OF_SCAN = 0xD9, 0xDA
PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
FRAMES = PROGRESSIVE | frozenset((0xC0, 0xC1, 0xC3, 0xC5, 0xC7, 0xC9, 0xCB, 0xCD, 0xCF))
BARE = frozenset((0x01, 0xD8))
"""The markers without a segment behind them."""
MARKERS_MAX = 5000
"""Of one picture. Real ones have some dozen, and one for every 64 KB of notes."""
COEFFICIENTS = 64
"""Of each block; a progressive file sends them bit by bit."""
NOISE = random.Random(0).randbytes(512).replace(b"\xff", b"")  # noqa: S311
"""Bytes that every decoder takes for blocks, and none for those that really followed."""


@dataclass(slots=True)
class Still:
    """The first picture of a file, and whether its end came."""

    content: bytes
    is_whole: bool = False
    scans: int = 0
    scan_at: int = 0
    """Where the data of the last pass begins."""
    markers: int = 0
    lacking: dict[int, set[int]] = field(default_factory=dict)
    """Of each component, the coefficients of which the scan with their last bit has not begun."""

    @property
    def is_in_its_last_scan(self) -> bool:
        """True if whatever is missing belongs to the scan that the bytes end in."""
        return self.scans > 0 and not any(self.lacking.values())

    def endings(self) -> tuple[bytes, bytes]:
        """The picture with two ends of ours: where they differ is what never came."""
        came = self.content.rstrip(b"\xff")
        last = max(RESTARTS, key=lambda marker: came.rfind(marker, self.scan_at))
        first = RESTARTS.index(last) + 1 if last in came[self.scan_at :] else 0
        # Behind a whole section, bytes count only from the marker on that is due there.
        due = RESTARTS[first:] + RESTARTS[:first]
        return came + END, came + NOISE + b"".join(each + NOISE for each in due) + END


def still(content: bytes) -> Still:
    """Follow the markers of what begins like a JPEG, up to its end or `MARKERS_MAX`."""
    found, at = Still(content), len(START)
    while found.markers < MARKERS_MAX and (marker := MARKER.search(content, at)):
        found.markers += 1
        kind, at = marker[1][0], marker.end()
        if kind == END_OF_IMAGE:
            found.content, found.is_whole = content[:at], True
            break
        if kind in BARE:
            continue
        length = max(2, int.from_bytes(content[at : at + 2]))
        segment = content[at + 2 : at + length]
        if kind in FRAMES:
            every = range(COEFFICIENTS if kind in PROGRESSIVE else 1)
            found.lacking = {number: set(every) for number in segment[6::3]}
        elif kind == START_OF_SCAN:
            found.scans += 1
            found.scan_at = at + length
            _strike_out(found.lacking, segment)
        at += length
    return found


def _strike_out(lacking: dict[int, set[int]], scan: bytes) -> None:
    """Those coefficients that this scan brings to their last bit."""
    if len(scan) < 4:
        return
    first, last, approximation = scan[-3:]
    if approximation & 0x0F:
        return
    for number in scan[1:-3:2]:
        lacking.get(number, set()).difference_update(range(first, last + 1))
