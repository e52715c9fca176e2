"""Markers as a table, with the columns that Premiere exports and others import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobs.markers.clips import Clip, in_frames

HEAD = (
    *("Marker Name", "Description", "In", "Out", "Duration", "Marker Type"),
    *("Done", "Clip", "Second", "Frame", "Frame Rate"),
)


def rows(clips: Sequence[Clip]) -> Iterator[Sequence[object]]:
    """One for each marker; its times are those of its file, which begins at 00:00:00:00."""
    for clip in clips:
        rate = clip.rate
        for frame, marker in in_frames(clip, rate):
            name, _, more = marker.text.partition("\n")
            times = (rate.timecode(each) for each in (frame, frame + 1, 1))
            facts = (marker.is_done, clip.name, marker.seconds, frame, rate.name)
            yield (name, more or name, *times, "Comment", *facts)
