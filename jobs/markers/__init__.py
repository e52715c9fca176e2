"""Comments as markers, in files that editing programs read: EDL, FCPXML, and tables."""

from jobs.markers.clips import Clip, Marker, in_frames
from jobs.markers.edl import edl
from jobs.markers.fcpxml import fcpxml
from jobs.markers.table import HEAD, rows
from jobs.markers.timecode import UNKNOWN, Rate

__all__ = ["HEAD", "UNKNOWN", "Clip", "Marker", "Rate", "edl", "fcpxml", "in_frames", "rows"]
