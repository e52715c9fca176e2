"""From a spec to an MP4 (H.264, yuv420p, AAC, index first) and its JPEG poster."""

from array import array
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from jobs.practice.film.lettering import Lettering
from jobs.practice.film.opening import KEPT, Opening
from jobs.practice.film.planes import Planes, to_yuv
from jobs.practice.film.scene import build
from jobs.practice.film.sound import RATE, chord
from jobs.practice.film.spec import FilmSpec
from jobs.practice.film.stage import Stage

POSTER_AT = 0.4
SAMPLES_PER_FRAME = 1024
X264 = {"preset": "ultrafast", "crf": "20", "g": "48", "threads": "1"}
# FFmpeg's default coder takes eight times as long for the same quiet chord.
AAC = {"aac_coder": "fast"}
# BT.601, limited range: what Pillow's YCbCr is, told to players so that colours stay true.
MATRIX, LIMITED = 6, 1


class Cancelled(Exception):
    """The server is stopping; the film was not finished."""


class _Painter:
    """Draws the frames of one film."""

    def __init__(self, spec: FilmSpec, opening: Path | None) -> None:
        width, height = self.size = spec.canvas
        strides = [plane.line_size for plane in VideoFrame(width, height, "yuv420p").planes]
        random = Random(spec.look)
        stage = Stage(
            width=width,
            height=height,
            stride=strides[0],
            half_stride=strides[1],
            frames=spec.frames,
            random=random,
        )
        self.scene = build(spec.caption, stage)
        background = self.scene.background
        kept = KEPT if spec.keeps else 0
        self.opening = Opening(opening, self.size, background, spec.fps, kept) if opening else None
        self.words = Lettering(spec, to_yuv(self.scene.palette.accent))

    def paint(self, frame: int) -> Planes:
        canvas = self.scene.background.copy()
        for thing in self.scene.moving:
            thing.draw(canvas, frame, self.size[0])
        if self.opening:
            self.opening.draw(canvas, frame)
        self.words.draw(canvas, frame)
        return canvas


def render(
    spec: FilmSpec,
    film: Path,
    poster: Path,
    stopping: Callable[[], bool] = lambda: False,
    opening: Path | None = None,
) -> None:
    """Write both files, without any film before it; ``opening`` is the picture to start from.

    Raises Cancelled as soon as ``stopping()`` is true.
    """
    painter = _Painter(spec, opening)
    with av.open(str(film), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = _video_stream(container, spec)
        audio = container.add_stream("aac", rate=RATE, layout="mono", options=AAC)
        samples = chord(spec.seconds, Random(spec.look))
        heard = 0
        for number in range(spec.frames):
            if stopping():
                raise Cancelled
            canvas = painter.paint(number)
            if number == int(spec.frames * POSTER_AT):
                canvas.to_rgb(painter.size).resize((spec.width, spec.height)).save(
                    poster, "JPEG", quality=86
                )
            container.mux(video.encode(_frame(canvas, number, spec)))
            heard = _sound_until(container, audio, samples, heard, (number + 1) * RATE // spec.fps)
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def _video_stream(container: OutputContainer, spec: FilmSpec) -> VideoStream:
    video = container.add_stream("libx264", rate=spec.fps, options=X264)
    video.width, video.height, video.pix_fmt = spec.width, spec.height, "yuv420p"
    context = video.codec_context
    context.colorspace = context.color_primaries = context.color_trc = MATRIX
    context.color_range = LIMITED
    return video


def _frame(canvas: Planes, number: int, spec: FilmSpec) -> VideoFrame:
    frame = VideoFrame(*spec.canvas, "yuv420p")
    for plane, picture in zip(frame.planes, (canvas.y, canvas.u, canvas.v), strict=True):
        plane.update(picture.tobytes())
    if spec.canvas != (spec.width, spec.height):
        frame = frame.reformat(width=spec.width, height=spec.height, interpolation="BILINEAR")
    frame.pts, frame.time_base = number, Fraction(1, spec.fps)
    return frame


def _sound_until(
    container: OutputContainer, audio: AudioStream, samples: "array[float]", start: int, end: int
) -> int:
    """Encode whole audio frames up to sample ``end``; gives the first sample not yet encoded."""
    last = end >= len(samples)
    while start + SAMPLES_PER_FRAME <= end or (last and start < len(samples)):
        piece = samples[start : start + SAMPLES_PER_FRAME]
        frame = AudioFrame("fltp", "mono", len(piece))
        frame.planes[0].update(piece.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        container.mux(audio.encode(frame))
        start += len(piece)
    return start
