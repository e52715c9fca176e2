"""What is marked: clips one after the other, each with what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from jobs.markers.timecode import Rate


@dataclass(frozen=True, slots=True)
class Marker:
    """What somebody said of a moment."""

    seconds: Decimal | None
    """None for all of the clip: it stands at the first frame."""
    text: str
    is_done: bool = False
    """The team has dealt with it."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One film, as it lies on a timeline."""

    name: str
    file: str
    """The name that it is downloaded under."""
    seconds: Decimal
    rate: Rate
    width: int
    height: int
    markers: Sequence[Marker]

    @property
    def frames(self) -> int:
        return self.rate.frames_in(self.seconds)


def in_frames(clip: Clip, rate: Rate) -> list[tuple[int, Marker]]:
    """Its markers at their frames, counted at a rate, in their order: one for each frame, since
    programs keep one. What was said of the same frame is one text, and done when all of it is.
    """

    def frame(marker: Marker) -> int:
        # A film's last moment is past its last frame.
        last = rate.frames_in(clip.seconds) - 1
        return min(rate.frame_at(marker.seconds or Decimal(0)), last)

    found = []
    for number, of_frame in groupby(sorted(clip.markers, key=frame), frame):
        same = list(of_frame)
        text = "\n".join(marker.text for marker in same)
        found.append((number, Marker(same[0].seconds, text, all(m.is_done for m in same))))
    return found


def in_line(text: str) -> str:
    """On one line, without what cannot be printed."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
