"""What programs put into an MP4 beside the film, and other ways to write its boxes."""

from __future__ import annotations

import re
from uuid import UUID

from tests.support.media.films import box

C2PA = UUID("d8fec3d6-1b0e-483c-9297-5828877ec481").bytes
XMP = UUID("be7acfcb-97a9-42e8-9c71-999491e3afac").bytes
PROVENANCE = box(b"uuid", C2PA + bytes(4) + b"manifest\0" + bytes(8) + box(b"jumb", bytes(200)))
PACKET = box(b"uuid", XMP + b'<?xpacket begin=""?><x:xmpmeta/>' + b" " * 100)


def between(film: bytes, *boxes: bytes) -> bytes:
    """Put boxes between what is played and the index behind it."""
    at = film.rindex(b"moov") - 4
    return film[:at] + b"".join(boxes) + film[at:]


def in_front(film: bytes, *boxes: bytes) -> bytes:
    """Put boxes behind the first one, and tell the index that everything has moved."""
    end, added = int.from_bytes(film[:4]), b"".join(boxes)

    def moved(found: re.Match[bytes]) -> bytes:
        at = [int.from_bytes(found[3][each : each + 4]) for each in range(0, len(found[3]), 4)]
        return found[1] + found[2] + b"".join((each + len(added)).to_bytes(4) for each in at)

    # One chunk for each of both tracks at most, as in a film that was written in one go.
    shifted = re.sub(rb"(stco\0{4})(\0{3}\x01)(.{4})", moved, film, flags=re.DOTALL)
    return shifted[:end] + added + shifted[end:]


def large_size(film: bytes) -> bytes:
    """Write the size of what is played in 64 bits, as cameras do from the start."""
    at = film.index(b"mdat") - 4
    # The muxer leaves eight bytes for that in front.
    assert film[at - 8 : at] == box(b"free")
    size = int.from_bytes(film[at : at + 4]) + 8
    return film[: at - 8] + b"\0\0\0\x01mdat" + size.to_bytes(8) + film[at + 8 :]


def no_size(film: bytes) -> bytes:
    """Let the last box go on "to the end", as programs do that write while they record."""
    at = film.rindex(b"mdat") - 4
    assert at + int.from_bytes(film[at : at + 4]) == len(film)
    return film[:at] + bytes(4) + film[at + 4 :]


def wide(film: bytes) -> bytes:
    """Leave room as QuickTime does."""
    return film.replace(box(b"free"), box(b"wide"), 1)


def left_out(film: bytes) -> bytes:
    """Let the last picture have no bytes, as recorders do that drop one."""
    at = film.index(b"stsz") + 12
    last = at + 4 * int.from_bytes(film[at : at + 4])
    return film[:last] + bytes(4) + film[last + 4 :]
