"""FCPXML 1.10, as Final Cut Pro, Resolve and (through converters) Premiere read it.

Times are fractions of a second, on the frames of each clip. A file beside this one is found by its
name. What is open is a to-do marker, what is done a completed one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from urllib.parse import quote
from xml.etree import ElementTree as ET

from jobs.markers.clips import Clip, in_frames
from jobs.markers.timecode import Rate

UNWRITABLE = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'


def fcpxml(title: str, clips: Sequence[Clip]) -> str:
    """A project in which these clips follow each other, at the first one's rate."""
    root = ET.Element("fcpxml", version="1.10")
    resources = ET.SubElement(root, "resources")
    event = ET.SubElement(ET.SubElement(root, "library"), "event", name=_plain(title))
    project = ET.SubElement(event, "project", name=_plain(title))
    rate = clips[0].rate
    length = sum(rate.frames_in(clip.seconds) for clip in clips)
    sequence = ET.SubElement(
        project,
        "sequence",
        format="r1",
        duration=_time(length, rate),
        tcStart="0s",
        tcFormat=_mode(rate),
    )
    spine, begins = ET.SubElement(sequence, "spine"), 0
    for number, clip in enumerate(clips):
        clip_format, asset = f"r{2 * number + 1}", f"r{2 * number + 2}"
        _add_resources(resources, clip, clip_format, asset)
        shown = ET.SubElement(
            spine,
            "asset-clip",
            ref=asset,
            name=_plain(clip.name),
            offset=_time(begins, rate),
            start="0s",
            duration=_time(rate.frames_in(clip.seconds), rate),
            format=clip_format,
            tcFormat=_mode(clip.rate),
        )
        _add_markers(shown, clip)
        begins += rate.frames_in(clip.seconds)
    ET.indent(root)
    return HEAD + ET.tostring(root, encoding="unicode") + "\n"


def _add_resources(resources: ET.Element, clip: Clip, clip_format: str, asset: str) -> None:
    ET.SubElement(
        resources,
        "format",
        id=clip_format,
        frameDuration=_time(1, clip.rate),
        width=str(clip.width),
        height=str(clip.height),
    )
    file = ET.SubElement(
        resources,
        "asset",
        id=asset,
        name=_plain(clip.name),
        start="0s",
        duration=_time(clip.frames, clip.rate),
        hasVideo="1",
        format=clip_format,
    )
    ET.SubElement(file, "media-rep", kind="original-media", src=f"./{quote(clip.file)}")


def _add_markers(shown: ET.Element, clip: Clip) -> None:
    for frame, marker in in_frames(clip, clip.rate):
        ET.SubElement(
            shown,
            "marker",
            start=_time(frame, clip.rate),
            duration=_time(1, clip.rate),
            value=_plain(marker.text),
            completed=str(int(marker.is_done)),
        )


def _time(frames: int, rate: Rate) -> str:
    """A time on a frame, not shortened: 24 frames of 24 stay 24/24s, as programs write them."""
    one: Fraction = 1 / rate.exact
    return f"{frames * one.numerator}/{one.denominator}s" if frames else "0s"


def _mode(rate: Rate) -> str:
    return "DF" if rate.is_drop else "NDF"


def _plain(text: str) -> str:
    """Without the characters that XML has no way to hold; line ends stay."""
    return UNWRITABLE.sub("", text)
