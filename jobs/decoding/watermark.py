"""Draws a line of text into the corner of a copy of a film, or of its poster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
from PIL import Image

from jobs.decoding import upright
from jobs.decoding.answers import NotAFilm
from jobs.decoding.film import opened, pictures
from jobs.decoding.lettering import HEIGHT, stamp_of
from jobs.decoding.pictures.reading import BROKEN
from jobs.machine import disk

THREADS = 2
"""Of each step: the machine has other things to do."""
CODING = {"crf": "20", "preset": "veryfast", "rc-lookahead": "4"}
"""Looking fewer pictures ahead saves a fifth of the memory, which for 4K is then 550 MB."""
POSTER_QUALITY = 85

_Pen = Callable[[av.VideoFrame], av.VideoFrame]
_Route = Callable[["av.Packet[Any]"], Iterator["av.Packet[Any]"]]


def draw(source: Path, target: Path, text: str) -> None:
    """Write a copy of the MP4 at `source` with `text` (1 to 40 letters) in every picture.

    A second of 720p takes one core 0.4 seconds, one of 4K three. `target` is only ever a whole
    file. Raises `NotAFilm` for what cannot be read, `OSError` for what cannot be written.
    """
    # Only its pictures tell how a film is turned. Opened once more, since going back to where it
    # begins would lose the sound that stands before that.
    with opened(source) as (film, stream):
        first = next(film.decode(stream))
    with _whole(target) as part:
        try:
            with (
                av.open(str(source), format="mp4") as film,
                av.open(
                    str(part), "w", format="mp4", container_options={"movflags": "+faststart"}
                ) as copy,
            ):
                _copy(film, first, copy, text)
        except MemoryError:
            raise
        except (av.FFmpegError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in disk.FULL:
                raise
            raise NotAFilm(type(error).__name__) from error


def draw_on_picture(source: Path, target: Path, text: str) -> None:
    """Write a copy of the WebP at `source`, watermarked as `draw` does the film that it is of.

    Raises as `draw` does.
    """
    try:
        with Image.open(source, formats=["WEBP"]) as poster:
            picture = poster.convert("RGB")
    except (*BROKEN, Image.DecompressionBombError) as error:
        raise NotAFilm(type(error).__name__) from error
    stamp = stamp_of(picture.size, text)
    picture.paste(stamp, _corner(picture.size, stamp), stamp)
    with _whole(target) as part:
        picture.save(part, "WEBP", quality=POSTER_QUALITY, method=4)


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A file to write, which takes the place of `target` when all went well."""
    part = target.with_name(f"{uuid4()}.part")
    try:
        # A folder that takes nothing is told here, before anybody blames the film.
        part.touch()
        yield part
        disk.sync(part)
        part.replace(target)
        disk.sync(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _corner(size: tuple[int, int], stamp: Image.Image) -> tuple[int, int]:
    """The place of the stamp's upper left; even, as colours are stored for four pixels."""
    space = HEIGHT * min(size) / 2
    x, y = (int(side - part - space) for side, part in zip(size, stamp.size, strict=True))
    return x // 2 * 2, y // 2 * 2


def _copy(
    film: av.container.InputContainer,
    first: av.VideoFrame,
    copy: av.container.OutputContainer,
    text: str,
) -> None:
    """Frame by frame, so that a long film takes no more memory than a short one."""
    stream, sounds = pictures(film), film.streams.audio
    context: av.VideoCodecContext | None = stream.codec_context
    if context is None or context.format is None or stream.time_base is None:
        raise NotAFilm("in a format that nothing can show")
    pen = _pen(stream, first, text)
    drawn = _like(stream, upright.shown(stream, first), copy)
    routes = {sound.index: _route(sound, copy) for sound in sounds}
    for packet in film.demux(stream, *sounds):
        if packet.stream.index in routes:
            copy.mux(list(routes[packet.stream.index](packet)))
            continue
        for frame in stream.decode(packet):
            copy.mux(drawn.encode(pen(frame)))
    copy.mux(drawn.encode(None))


def _like(
    stream: av.VideoStream, shown: av.VideoFrame, copy: av.container.OutputContainer
) -> av.VideoStream:
    """A stream to encode into, of the moments and colours of a film, as large as it is seen.

    Its pictures stand upright and have square pixels, so there is nothing to tell a player.
    """
    drawn = copy.add_stream("libx264", stream.guessed_rate, CODING)
    context, old = drawn.codec_context, stream.codec_context
    # H.264 stores colours for four pixels; an odd last one goes.
    context.width, context.height = shown.width // 2 * 2, shown.height // 2 * 2
    context.pix_fmt = "yuv420p"
    context.time_base = stream.time_base or context.time_base
    context.thread_count = THREADS
    context.color_range, context.colorspace = old.color_range, old.colorspace
    context.color_primaries, context.color_trc = old.color_primaries, old.color_trc
    return drawn


def _pen(stream: av.VideoStream, first: av.VideoFrame, text: str) -> _Pen:
    """Lays the stamp over one frame after the other; ffmpeg does it in the film's own colours."""
    shown = upright.shown(stream, first)
    size = (shown.width, shown.height)
    stamp = stamp_of(size, text)
    x, y = _corner(size, stamp)
    graph = av.filter.Graph()
    graph.threads = THREADS
    below = [upright.source(graph, stream, first)]
    below += [graph.add(name, **how) for name, how in upright.steps(stream, first)]
    above = graph.add_buffer(None, *stamp.size, "rgba", None, stream.time_base)  # type: ignore[arg-type]
    overlay = graph.add("overlay", x=str(x), y=str(y), format="yuv420")
    plain = graph.add("format", pix_fmts="yuv420p")
    sink = graph.add("buffersink")
    above.link_to(overlay, 0, 1)
    graph.link_nodes(*below, overlay, plain, sink).configure()
    started = False

    def draw(frame: av.VideoFrame) -> av.VideoFrame:
        nonlocal started
        if not started:
            drawn = av.VideoFrame.from_bytes(stamp.tobytes(), *stamp.size, "rgba")
            # It shows from its own moment on, and without an end.
            drawn.pts, drawn.time_base = frame.pts, frame.time_base
            graph.vpush(drawn, 1)
            graph.vpush(None, 1)
            started = True
        graph.vpush(frame, 0)
        return graph.vpull()

    return draw


def _route(sound: av.AudioStream, copy: av.container.OutputContainer) -> _Route:
    """Choose the way of a sound into the copy: packets as they are, where an MP4 may hold them."""
    try:
        kept = copy.add_stream_from_template(sound)
    except ValueError:
        other = copy.add_stream("aac", sound.rate, layout=sound.layout.name)
        return lambda packet: _encoded(sound, packet, other)
    return lambda packet: _carried(packet, kept)


def _carried(packet: av.Packet[Any], kept: av.AudioStream) -> Iterator[av.Packet[Any]]:
    if packet.dts is not None:  # the last one is empty
        packet.stream = kept
        yield packet


def _encoded(
    sound: av.AudioStream, packet: av.Packet[Any], other: av.AudioStream
) -> Iterator[av.Packet[Any]]:
    for frame in sound.decode(packet):
        yield from other.encode(frame)
    if packet.dts is None:
        yield from other.encode(None)
