"""Files from the web: pictures to start from, films to change, and uploads by address."""

import http.client
import io
import time
from contextlib import closing
from urllib.parse import urlsplit

import av
from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST_FILE = 16 << 20
LARGEST_FILM = 100 << 20
LONGEST_FILM = 30
MOST_PIXELS = 50_000_000
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
PATIENCE = 5.0
LONGEST_FETCH = 15.0
PIECE = 64 * 1024


class Unfetchable(Exception):
    """The address leads to nothing that can be used; says why."""


def fetch(url: str, largest: int = LARGEST_FILE) -> bytes:
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
            return _body(answer, largest)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unfetchable(repr(error)) from error


def _body(answer: http.client.HTTPResponse, largest: int) -> bytes:
    until, content = time.monotonic() + LONGEST_FETCH, bytearray()
    while piece := answer.read1(PIECE):
        content += piece
        if len(content) > largest:
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


def picture_of(film: bytes, at: int, ends: int) -> bytes:
    """The picture that an MP4 shows at a second; Unfetchable unless it is one of at most 30 seconds
    and reaches ``ends``.
    """
    shown = io.BytesIO()
    try:
        with av.open(io.BytesIO(film), "r", format="mp4") as container:
            seconds = (container.duration or 0) / av.time_base
            if not ends <= seconds <= LONGEST_FILM:
                raise Unfetchable(f"a film of {seconds:.1f} seconds")
            container.seek(at * av.time_base)
            stream = container.streams.video[0]
            frames = (each for each in container.decode(stream) if (each.time or 0) >= at)
            next(frames).to_image().save(shown, "JPEG")  # type: ignore[no-untyped-call]
    except (av.FFmpegError, IndexError, StopIteration, ValueError) as error:
        raise Unfetchable(f"no film: {type(error).__name__}") from error
    return shown.getvalue()
