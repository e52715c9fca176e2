"""Decides whether a file is a film that plays to its end; reads its facts and its pictures."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from pathlib import Path
from types import MappingProxyType

import av
from PIL import Image

from jobs.decoding import posters, upright
from jobs.decoding.answers import CutShort, Facts, NotAFilm

PIXELS_MAX = 8192 * 4608
"""Of one frame: 8K. More would only serve to eat our memory."""
SECONDS_MAX = 24 * 3600
PATIENCE_SECONDS = 30
"""What a look at one film may take, of which that at the longest that are made takes a third: less
than the lease of the worker that looks, whatever somebody made to keep it busy."""
THREADS = 2
"""Of a decoder: each keeps pictures of its own in memory, and the machine has other things to do.
"""
SAMPLES_MAX = 20_000_000
"""Pictures and pieces of sound in one film: those of a day."""
BOXES_MAX = 20_000
"""Parts at the top of a file: a film cut into fragments has some hundred."""
BOX_NAMES = frozenset(b"ftyp styp moov moof mdat free wide skip uuid jumb sidx".split())
"""Of parts of an MP4 at its top. The beginning of a page could pass for one of another name."""
NTSC = (Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001))
RATES = (*NTSC, *map(Fraction, (24, 25, 30, 48, 50, 60)))
"""Frames a second that films are made at."""
RATE_MAX = 240
NO_COPIES: Mapping[int, Path] = MappingProxyType({})
MISSED_SECONDS_MAX = 1
"""Of an end that does not decode: players get over a last picture that is broken, and so do we."""


def examine(path: Path, poster: Path, copies: Mapping[int, Path] = NO_COPIES) -> Facts:
    """The facts of the MP4 at `path`, writing its poster as WebP, and smaller ones by their sides.

    All of it is read, and what it ends with is decoded. Raises `NotAFilm`, or `CutShort` where
    fetching it again may help.
    """
    enough = time.monotonic() + PATIENCE_SECONDS
    try:
        with opened(path) as (container, stream):
            _require_all(container, stream, enough)
            _require_sense(container, stream)
            image = upright.shown(stream, _early(container, stream))
            facts = _facts(container, stream, image)
            _require_end(container, stream, enough)
            posters.write(image, poster, copies)
    except NotAFilm as error:
        if _broken_box(path) in BOX_NAMES:
            raise CutShort from error
        raise
    return facts


def frame_at(path: Path, seconds: float) -> Image.Image:
    """The picture of a stored film at a moment; its last one for any moment after its end.

    Raises `NotAFilm`.
    """
    with opened(path) as (container, stream):
        end = float(_seconds(container, stream))
        # To the key frame before it: everything after that is built on it.
        container.seek(int(min(seconds, end) * av.time_base))
        last: av.VideoFrame | None = None
        for frame in container.decode(stream):
            if last is not None and (frame.time or 0) > seconds:
                break
            last = frame
        if last is None:
            raise NotAFilm("no picture in it")
        image: Image.Image = upright.shown(stream, last).to_image()  # type: ignore[no-untyped-call]
    return image


@contextmanager
def opened(path: Path) -> Iterator[tuple[av.container.InputContainer, av.VideoStream]]:
    """A film and its pictures, for reading.

    `NotAFilm` is raised for whatever goes wrong at it, but for a lack of memory (`MemoryError`).
    """
    try:
        with av.open(str(path), format="mp4") as container:
            yield container, pictures(container)
    except MemoryError:
        raise
    except (av.FFmpegError, StopIteration, ValueError) as error:
        raise NotAFilm(type(error).__name__) from error


def pictures(container: av.container.InputContainer) -> av.VideoStream:
    """What a player shows of a film, which may hold a cover or a map of depths as well."""
    stream = container.streams.best("video")
    if not isinstance(stream, av.VideoStream):
        raise NotAFilm("no picture in it")
    if stream.codec_context is not None:
        # A size can change in the midst of a film.
        stream.codec_context.options = {"max_pixels": str(PIXELS_MAX)}
    return stream


def _require_sense(container: av.container.InputContainer, stream: av.VideoStream) -> None:
    codec: av.VideoCodecContext | None = stream.codec_context
    if codec is None or codec.format is None or stream.time_base is None:
        raise NotAFilm("in a format that nothing can show")
    codec.thread_type, codec.thread_count = "AUTO", THREADS
    if not 0 < codec.width * codec.height <= PIXELS_MAX:
        raise NotAFilm("pictures of no sensible size")
    # A picture in the format of HEIC or AVIF has none at all.
    if not 0 < _seconds(container, stream) <= SECONDS_MAX:
        raise NotAFilm("of no sensible length")


def _require_all(
    container: av.container.InputContainer, stream: av.VideoStream, enough: float
) -> None:
    """Read all that the index names: a missing end shows there, though players forgive it."""
    path, reached = Path(container.name), 0
    streams = [stream, *container.streams.audio]
    for packet in container.demux(streams):
        if packet.is_corrupt:
            raise CutShort
        if packet.stream is stream and packet.pts is not None:
            reached = max(reached, packet.pts + (packet.duration or 0))
        if time.monotonic() > enough:
            break
    size, entries = path.stat().st_size, [each.index_entries for each in streams]
    # What it says, since of a table beyond our memory ffmpeg keeps nothing, and says nothing.
    if max(stream.frames, sum(map(len, entries))) > SAMPLES_MAX:
        raise NotAFilm("of no sensible length")
    # Not by counting packets: some sounds and pictures are cut anew while they are read.
    if not len(entries[0]) or any(each.pos + each.size > size for each in chain(*entries)):
        raise CutShort
    broken = _broken_box(path)
    if broken == b"moov":
        raise CutShort
    if not stream.frames:
        # Fragments bring their own indexes: one that is missing shows elsewhere, if at all.
        end = (stream.start_time or 0) + (stream.duration or 0)
        if broken in BOX_NAMES or _is_missed(stream, end - reached):
            raise CutShort


def _require_end(
    container: av.container.InputContainer, stream: av.VideoStream, enough: float
) -> None:
    """Decode what stands behind the last key frame, to the end."""
    container.seek((stream.start_time or 0) + (stream.duration or 0), stream=stream)
    last = shown = 0
    for packet in container.demux(stream):
        if packet.pts is not None and not packet.is_discard:
            last = max(last, packet.pts)
        try:
            for frame in stream.decode(packet):
                shown = max(shown, last if frame.pts is None else frame.pts)
        except av.FFmpegError:
            continue
        if time.monotonic() > enough:
            return
    if _is_missed(stream, last - shown):
        raise CutShort


def _is_missed(stream: av.VideoStream, span: int) -> bool:
    """So much of the end of a film is more than nobody would miss."""
    return span * (stream.time_base or 0) > MISSED_SECONDS_MAX


def _broken_box(path: Path) -> bytes | None:
    """The name of the box that a file ends in the midst of, or lacks; None for a whole one.

    This turns no film away: it tells one without its end from what never was one, and finds an
    index that players read as far as it goes.
    """
    size, at, kinds = path.stat().st_size, 0, list[bytes]()
    with path.open("rb") as file:
        while at < size and len(kinds) < BOXES_MAX:
            file.seek(at)
            head = file.read(16)
            length, kind = int.from_bytes(head[:4]), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:])
            elif length == 0:
                length = size - at
            if length < 8:
                return None
            kinds.append(kind)
            at += length
    if not kinds or kinds[0] not in BOX_NAMES:
        return None
    if at > size:
        return kinds[-1]
    # Pictures in the format of HEIC or AVIF have their index in `meta`.
    return b"moov" if b"mdat" in kinds and not {b"moov", b"meta"} & set(kinds) else None


def _facts(
    container: av.container.InputContainer, stream: av.VideoStream, image: av.VideoFrame
) -> Facts:
    codec = stream.codec_context.codec.canonical_name
    seconds = _seconds(container, stream)
    return Facts(image.width, image.height, seconds, codec, _rate(stream))


def _rate(stream: av.VideoStream) -> Fraction | None:
    """The rate it was made at: neither a clock's rounding nor a frame left out makes another."""
    average = stream.average_rate
    if average is None or not 1 <= average <= RATE_MAX:
        return None
    for told in (average, stream.base_rate or average):
        near = min(RATES, key=lambda rate: abs(rate - told))
        # 23.976 and 24 are a thousandth apart.
        if abs(near - told) < near / 4000:
            return near
    return average.limit_denominator(1001)


def _seconds(container: av.container.InputContainer, stream: av.VideoStream) -> Decimal:
    if stream.duration is not None and stream.time_base is not None:
        exact = Decimal(stream.duration) * stream.time_base.numerator / stream.time_base.denominator
        return exact.quantize(Decimal("0.001"))
    return (Decimal(container.duration or 0) / av.time_base).quantize(Decimal("0.001"))


def _early(container: av.container.InputContainer, stream: av.VideoStream) -> av.VideoFrame:
    """A frame from a little way in: the very first one is often black."""
    container.seek((stream.start_time or 0) + (stream.duration or 0) // 10, stream=stream)
    return next(container.decode(stream))
