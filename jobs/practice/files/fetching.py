"""Files from the web, for pictures to start from and for uploads by address."""

import http.client
import io
import time
from contextlib import closing
from urllib.parse import urlsplit

from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST_FILE = 16 << 20
MOST_PIXELS = 50_000_000
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
PATIENCE = 5.0
LONGEST_FETCH = 15.0
PIECE = 64 * 1024


class Unfetchable(Exception):
    """The address leads to nothing that can be used; says why."""


def fetch(url: str) -> bytes:
    """Fetch an http(s) address; Unfetchable unless a plain 200 brings it soon."""
    parts = urlsplit(url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if parts.scheme not in kinds:
        raise Unfetchable("only http and https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with closing(
            kinds[parts.scheme](parts.hostname or "", parts.port, timeout=PATIENCE)
        ) as line:
            line.request("GET", path, headers={"User-Agent": "practice"})
            answer = line.getresponse()
            if answer.status != 200:
                raise Unfetchable(f"HTTP {answer.status}")
            return _body(answer)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unfetchable(repr(error)) from error


def _body(answer: http.client.HTTPResponse) -> bytes:
    until, content = time.monotonic() + LONGEST_FETCH, bytearray()
    while piece := answer.read1(PIECE):
        content += piece
        if len(content) > LARGEST_FILE:
            raise Unfetchable("too large")
        if time.monotonic() > until:
            raise Unfetchable("too slow")
    if answer.length:
        raise Unfetchable("cut off")
    return bytes(content)


def picture_size(content: bytes) -> tuple[int, int]:
    """Width and height of a JPEG, PNG or WebP that can be decoded; Unfetchable for all else."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unfetchable("too many pixels")
            image.load()
            return image.size
    except (OSError, SyntaxError, ValueError, *BOMBS) as error:
        raise Unfetchable(f"no picture: {error}") from error
