"""Encodes small films whose corners tell which side is up, in the ways that programs make them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import av
from PIL import Image, ImageOps

RATE, CLOCK, HEARD = 24, 12_288, 44_100
SIZE = (96, 64)
"""Of the stored pictures; of what is seen where nothing turns them."""
RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 180, 30), (40, 40, 200), (210, 200, 40)
CORNERS = (RED, GREEN, BLUE, YELLOW)
"""Upper left, upper right, lower left, lower right, as people see them."""


@dataclass(frozen=True)
class Recipe:
    """How one film is made; what is left out is as our providers make theirs."""

    codec: str = "libx264"
    options: tuple[tuple[str, str], ...] = (("preset", "ultrafast"),)
    pixels: str = "yuv420p"
    seen: tuple[int, int] = SIZE
    """What people see, once pixels are square and the picture stands upright."""
    turned: int = 0
    """Degrees that a player turns the stored pictures by, against the clock."""
    mirrored: bool = False
    wide_pixels: int = 1
    """How much wider than high a stored pixel is."""
    kind: str = "mp4"
    flags: str = ""
    moments: tuple[int, ...] = tuple(range(RATE // 2))
    """Of its pictures, in frames."""
    sound: str = ""
    metadata: tuple[tuple[str, str], ...] = field(default=())
    cover: bool = False


def scene(size: tuple[int, int]) -> Image.Image:
    """A picture whose four corners have a colour each."""
    small = Image.new("RGB", (2, 2))
    small.putdata(CORNERS)
    return small.resize(size, Image.Resampling.NEAREST)


def corners(picture: Image.Image) -> list[tuple[int, int, int]]:
    """The colours of `CORNERS` that a picture shows in its own corners, in their order."""
    width, height = picture.size
    near = [(x, y) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    seen = [picture.convert("RGB").getpixel(at) for at in near]
    return [min(CORNERS, key=lambda colour: _distance(colour, each)) for each in seen]


@contextmanager
def at_usual_priority() -> Iterator[None]:
    """For whatever encodes AV1: run by root, SVT-AV1 gives its process the highest real-time
    priority, for as long as it lives and for all that it starts. Nothing else would run beside it.
    """
    try:
        yield
    finally:
        if hasattr(os, "sched_setscheduler"):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@cache
def made(recipe: Recipe) -> bytes:
    """The bytes of one film."""
    with at_usual_priority(), TemporaryDirectory() as folder:
        path = Path(folder) / "film"
        options = {"movflags": recipe.flags} if recipe.flags else {}
        with av.open(str(path), "w", format=recipe.kind, options=options) as film:
            film.metadata.update(dict(recipe.metadata))
            _fill(film, recipe)
        return path.read_bytes()


def growing(*sizes: tuple[int, int]) -> bytes:
    """The bytes of a film whose pictures have one size after the other, half a second of each."""
    with TemporaryDirectory() as folder:
        raw, path = Path(folder) / "film.h264", Path(folder) / "film.mp4"
        raw.write_bytes(b"".join(_bare(size, Path(folder) / "part") for size in sizes))
        with av.open(str(raw)) as parts, av.open(str(path), "w") as film:
            video = film.add_stream_from_template(parts.streams.video[0])
            packets = (packet for packet in parts.demux() if packet.size)
            for number, packet in enumerate(packets):
                packet.pts = packet.dts = number
                packet.duration, packet.time_base, packet.stream = 1, Fraction(1, RATE), video
                film.mux(packet)
        return path.read_bytes()


def _bare(size: tuple[int, int], path: Path) -> bytes:
    """Pictures alone, each with all that is needed to decode it."""
    options = {"preset": "ultrafast", "x264-params": "repeat-headers=1:keyint=1:threads=1"}
    with av.open(str(path), "w", format="h264") as film:
        video = film.add_stream("libx264", RATE, options)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        for _ in range(RATE // 2):
            frame = av.VideoFrame.from_image(scene(size))  # type: ignore[no-untyped-call]
            film.mux(video.encode(frame))
        film.mux(video.encode())
    return path.read_bytes()


def _fill(film: av.container.OutputContainer, recipe: Recipe) -> None:
    stored = _stored(recipe)
    video = cast("av.VideoStream", film.add_stream(recipe.codec, RATE, dict(recipe.options)))
    video.width, video.height, video.pix_fmt = *stored.size, recipe.pixels
    video.codec_context.time_base = Fraction(1, CLOCK)
    video.codec_context.sample_aspect_ratio = Fraction(recipe.wide_pixels, 1)
    if recipe.turned or recipe.mirrored:
        video.set_display_rotation(recipe.turned, hflip=recipe.mirrored)
    sound: av.AudioStream | None = None
    if recipe.sound:
        sound = cast("av.AudioStream", film.add_stream(recipe.sound, HEARD, layout="stereo"))
    if recipe.cover:
        _add_cover(film, stored.size)
    for moment in recipe.moments:
        frame = av.VideoFrame.from_image(stored)  # type: ignore[no-untyped-call]
        frame.pts, frame.time_base = moment * CLOCK // RATE, Fraction(1, CLOCK)
        film.mux(video.encode(frame))
        if sound:
            film.mux(sound.encode(_silence(moment)))
    film.mux(video.encode(None))
    if sound:
        film.mux(sound.encode(None))


def _add_cover(film: av.container.OutputContainer, size: tuple[int, int]) -> None:
    """A still beside the film, as music players and some editors put one in."""
    cover = film.add_stream("mjpeg", 1)
    cover.width, cover.height, cover.pix_fmt = *size, "yuvj420p"
    cover.disposition = av.stream.Disposition.attached_pic
    black = av.VideoFrame.from_image(Image.new("RGB", size))  # type: ignore[no-untyped-call]
    film.mux(cover.encode(black))


def _stored(recipe: Recipe) -> Image.Image:
    """The picture as it has to be stored, to be seen upright."""
    picture = scene(recipe.seen)
    if recipe.mirrored:
        picture = ImageOps.mirror(picture)
    picture = picture.rotate(-recipe.turned, expand=True)
    width, height = picture.size
    return picture.resize((width // recipe.wide_pixels, height), Image.Resampling.NEAREST)


def _silence(number: int) -> av.AudioFrame:
    frame = av.AudioFrame("s16", "stereo", HEARD // RATE)
    frame.planes[0].update(bytes(frame.planes[0].buffer_size))
    frame.sample_rate, frame.time_base = HEARD, Fraction(1, HEARD)
    frame.pts = number * (HEARD // RATE)
    return frame


def _distance(one: Sequence[int], other: object) -> int:
    assert isinstance(other, tuple)
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))
