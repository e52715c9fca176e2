"""CMX 3600 edit lists with markers, as DaVinci Resolve writes and reads them.

One event of one frame for each marker, and below it a line with color, name and duration. Resolve
sets them by the record time, which begins at 01:00:00:00, as its timelines do; source times are
those of the file, which begins at 00:00:00:00.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobs.markers.clips import Clip, in_frames, in_line

START_HOUR = 1
COLORS = {False: "ResolveColorBlue", True: "ResolveColorGreen"}
"""Of what is open, and of what is done."""
SEPARATOR = str.maketrans("|", "¦")


def edl(title: str, clips: Sequence[Clip]) -> str:
    """The list for a timeline on which these clips follow each other, at the first one's rate."""
    rate = clips[0].rate
    mode = "DROP FRAME" if rate.is_drop else "NON-DROP FRAME"
    return "\r\n".join([f"TITLE: {in_line(title)}", f"FCM: {mode}", "", *_events(clips), ""])


def _events(clips: Sequence[Clip]) -> Iterator[str]:
    rate, begins, number = clips[0].rate, 0, 0
    for clip in clips:
        for frame, marker in in_frames(clip, rate):
            number += 1
            at = begins + frame
            times = (
                *(rate.timecode(each) for each in (frame, frame + 1)),
                *(rate.timecode(each, START_HOUR) for each in (at, at + 1)),
            )
            yield f"{number:03}  AX       V     C        {' '.join(times)}"
            # A line that began with a figure would be another event: the text comes last.
            text = in_line(marker.text).translate(SEPARATOR)
            yield f" |C:{COLORS[marker.is_done]} |M:{text} |D:1"
            yield f"* FROM CLIP NAME: {in_line(clip.name)}"
            yield ""
        begins += rate.frames_in(clip.seconds)
