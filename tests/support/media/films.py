"""Small real MP4s, and what things are made of that only look like one."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av
from PIL import Image

WIDTH, HEIGHT, SECONDS = 64, 36, 0.5
RATE = 24
HTML = b"<!doctype html><script>alert(document.domain)</script>"


@cache
def film(
    *, index_first: bool = False, rate: Fraction = Fraction(RATE), seconds: float = SECONDS
) -> bytes:
    """Half a second of H.264, or as much as is asked for. With `index_first`, it plays even when
    its end is cut off.
    """
    options = {"movflags": "+faststart"} if index_first else {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        with av.open(path, "w", format="mp4", options=options) as container:
            stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            for number in range(round(seconds * rate)):
                picture = Image.new("RGB", (WIDTH, HEIGHT), (min(20 * number, 255), 80, 160))
                frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path.read_bytes()


def box(kind: bytes, content: bytes = b"") -> bytes:
    """One part of an MP4."""
    return (8 + len(content)).to_bytes(4, "big") + kind + content


FTYP = box(b"ftyp", b"mp42\0\0\0\0mp42isom")
