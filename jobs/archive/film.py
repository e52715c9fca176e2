"""Reads the facts of a video file and takes its poster frame."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import av
from PIL import Image

POSTER_SIZE = (960, 960)
"""Pixels that a poster is fitted into."""
PIXELS_MAX = 8192 * 4608
"""Of one frame: 8K. More would only serve to eat our memory."""
SECONDS_MAX = 24 * 3600
BOXES_MAX = 20_000
"""Parts at the top of a file: a film cut into fragments has some hundred."""
BOX_KINDS = frozenset(
    b"ftyp styp moov mdat moof mfra sidx ssix free skip wide uuid meta udta pdin prft emsg".split()
)
"""The names of the boxes at the top of an MP4 (ISO 14496-12)."""


class NotAFilm(Exception):
    """The bytes are not an MP4 with a picture in it."""


class CutShort(Exception):
    """An MP4 of which the end is missing."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Pixels, seconds, and the name of the video codec, whatever decodes it here."""

    width: int
    height: int
    seconds: Decimal
    codec: str


def examine(path: Path, poster: Path) -> Facts:
    """The facts of the MP4 at `path`, writing its poster as WebP.

    Raises `NotAFilm`, or `CutShort` where fetching it again may help.
    """
    _require_whole(path)
    try:
        with av.open(str(path), format="mp4") as container:
            if not container.streams.video:
                raise NotAFilm("no picture in it")
            stream = container.streams.video[0]
            facts = _facts(container, stream)
            _write_poster(container, stream, poster)
    except (av.FFmpegError, StopIteration, ValueError, MemoryError) as error:
        raise NotAFilm(type(error).__name__) from error
    return facts


def frame_at(path: Path, seconds: float) -> Image.Image:
    """The picture of a stored film at a moment; its last one for any moment after its end.

    Raises `NotAFilm`.
    """
    try:
        with av.open(str(path), format="mp4") as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            end = float(_seconds(container, stream))
            # To the key frame before it: everything after that is built on it.
            container.seek(int(min(seconds, end) * av.time_base))
            shown: av.VideoFrame | None = None
            for frame in container.decode(stream):
                if shown is not None and (frame.time or 0) > seconds:
                    break
                shown = frame
            if shown is None:
                raise NotAFilm("no picture in it")
            image: Image.Image = shown.to_image()  # type: ignore[no-untyped-call]
    except (av.FFmpegError, IndexError, ValueError, MemoryError) as error:
        raise NotAFilm(type(error).__name__) from error
    return image


def _require_whole(path: Path) -> None:
    """Walk the boxes that an MP4 consists of. Players forgive a missing end; an archive may not."""
    size, at = path.stat().st_size, 0
    kinds: list[bytes] = []
    with path.open("rb") as file:
        while at < size and len(kinds) < BOXES_MAX:
            file.seek(at)
            head = file.read(16)
            length, kind = int.from_bytes(head[:4]), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:16])
            elif length == 0:
                length = size - at
            if length < 8 or kind not in BOX_KINDS:
                break
            if at + length > size:
                raise CutShort
            kinds.append(kind)
            at += length
    if kinds[:1] != [b"ftyp"] or not {b"moov", b"mdat"} <= set(kinds):
        raise NotAFilm("not an MP4")


def _facts(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> Facts:
    codec: av.video.codeccontext.VideoCodecContext | None = stream.codec_context
    if codec is None:
        raise NotAFilm("in a format that nothing can show")
    if not 0 < codec.width * codec.height <= PIXELS_MAX:
        raise NotAFilm("pictures of no sensible size")
    seconds = _seconds(container, stream)
    if not 0 <= seconds <= SECONDS_MAX:
        raise NotAFilm("of no sensible length")
    return Facts(codec.width, codec.height, seconds, codec.codec.canonical_name)


def _seconds(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream
) -> Decimal:
    if stream.duration is not None and stream.time_base is not None:
        exact = Decimal(stream.duration) * stream.time_base.numerator / stream.time_base.denominator
        return exact.quantize(Decimal("0.001"))
    return (Decimal(container.duration or 0) / av.time_base).quantize(Decimal("0.001"))


def _write_poster(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream, poster: Path
) -> None:
    """A frame from a little way in: the very first one is often black."""
    if stream.duration:
        container.seek(stream.duration // 10, stream=stream)
    frame = next(container.decode(stream))
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    image.thumbnail(POSTER_SIZE)
    image.save(poster, "WEBP", quality=80, method=4)
