"""Turns the pictures of a film as players do, so that whoever reads one sees what people see.

Cameras store what their sensor saw, and say beside it how to turn, mirror or stretch that.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any

import av
from av.sidedata.sidedata import Type

SQUARE = Fraction(1)
STRETCH_MIN, STRETCH_MAX = Fraction(101, 100), Fraction(4)
"""Pixels hardly wider than high are left alone, and sillier ones believed by nobody."""
SHORT_WAY = {(True, True): "cclock_flip", (True, False): "cclock", (False, True): "clock"}
LONG_WAY = "clock_flip"
"""What ffmpeg calls the four ways to swap the sides of a picture."""

Step = tuple[str, dict[str, str]]
"""The name of one of ffmpeg's filters, and its settings."""


def steps(stream: av.VideoStream, frame: av.VideoFrame) -> list[Step]:
    """The filters that bring a decoded picture of this film before people's eyes; none for most."""
    return _stretched(stream, frame) + _turned(frame)


def source(
    graph: av.filter.Graph, stream: av.VideoStream, frame: av.VideoFrame
) -> av.filter.context.FilterContext:
    """The end of a graph that takes pictures like this one, with all that tells their colours."""
    return graph.add(
        "buffer",
        width=str(frame.width),
        height=str(frame.height),
        pix_fmt=frame.format.name,
        time_base=str(stream.time_base),
        colorspace=str(int(frame.colorspace)),
        range=str(int(frame.color_range)),
    )


def shown(stream: av.VideoStream, frame: av.VideoFrame) -> av.VideoFrame:
    """The picture as people see it; the same one, where it is stored like that."""
    todo = steps(stream, frame)
    if not todo:
        return frame
    graph = av.filter.Graph()
    nodes = [source(graph, stream, frame), *(graph.add(name, **how) for name, how in todo)]
    graph.link_nodes(*nodes, graph.add("buffersink")).configure()
    graph.vpush(frame)
    return graph.vpull()


def _stretched(stream: av.VideoStream, frame: av.VideoFrame) -> list[Step]:
    """Pixels that are not square are widened or heightened, so that nothing gets lost."""
    ratio = stream.sample_aspect_ratio or SQUARE
    wider, higher = max(ratio, SQUARE), max(1 / ratio, SQUARE)
    if not STRETCH_MIN <= max(wider, higher) <= STRETCH_MAX:
        return []
    size = {"w": str(round(frame.width * wider)), "h": str(round(frame.height * higher))}
    return [("scale", size), ("setsar", {"sar": "1"})]


def _turned(frame: av.VideoFrame) -> list[Step]:
    """Read the matrix beside the picture: x' = ax + cy, y' = bx + dy, to the nearest quarter."""
    beside: Any = frame.side_data  # typed as though it held nothing else than motion vectors
    try:
        a, b, _, c, d, *_ = struct.unpack("=9i", bytes(beside[Type.DISPLAYMATRIX]))
    except (KeyError, struct.error):
        return []
    if abs(b) + abs(c) > abs(a) + abs(d):
        return [("transpose", {"dir": SHORT_WAY.get((c > 0, b > 0), LONG_WAY)})]
    return [(name, {}) for name, is_mirrored in (("hflip", a < 0), ("vflip", d < 0)) if is_mirrored]
