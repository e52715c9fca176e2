"""What goes into a ZIP, under which names, and what does not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.utils import timezone

from jobs import file_names
from jobs.archive.kept import files
from jobs.archive.packed import LEFT_OUT, Entry, Packed
from jobs.letters.variables import Text
from jobs.models import Rendition, Team
from jobs.views.files.wanted import Video, Wanted

NO_FILE = "its file is missing on our disk"
TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a ZIP."""

    video: Video
    file: Rendition
    name: str


@dataclass(frozen=True)
class Plan:
    """The ZIP of a selection, before any of it is read."""

    found: list[tuple[Video, Rendition]]
    left_out: list[tuple[Video, str]]
    """Videos without a file at this size, and why."""
    pattern: Text
    """Of the names."""

    @cached_property
    def items(self) -> list[Item]:
        """What is found under its names, no two alike: made only where somebody reads them."""
        digits = max(len(str(len(self.found))), 2)
        names = file_names.apart(
            (
                file_names.name_for(self.pattern, video.facts(file, str(number).zfill(digits)))
                for number, (video, file) in enumerate(self.found, 1)
            ),
            ".mp4",
        )
        named = zip(self.found, names, strict=True)
        return [Item(video, file, name) for (video, file), name in named]

    @property
    def bytes(self) -> int:
        return sum(file.bytes or 0 for _, file in self.found)

    @property
    def is_too_large(self) -> bool:
        most: int = settings.ZIP_BYTES_MAX
        return self.bytes > most

    def packed(self) -> Packed:
        """The ZIP itself. Raises `OSError` where a file vanished a moment ago."""
        entries = [Entry(i.file.file, i.file.bytes or 0, i.name) for i in self.items]
        return Packed(entries, [(LEFT_OUT, self._told())] if self.left_out else [])

    def _told(self) -> str:
        lines = [
            f"{_called(video)}: {reason}".replace("\n", " ") for video, reason in self.left_out
        ]
        return "\ufeff" + "\r\n".join(["These videos are not in this ZIP:", "", *lines, ""])


def plan_of(wanted: Wanted, limit: str, pattern: Text) -> Plan:
    """What a ZIP of these holds at up to this size: named in their order, no two alike."""
    found, left_out = list[tuple[Video, Rendition]](), list[tuple[Video, str]]()
    for video in wanted.videos:
        file = video.within(limit)
        if file is None:
            left_out.append((video, video.lack(limit)))
        elif _is_lost(file):
            left_out.append((video, NO_FILE))
        else:
            found.append((video, file))
    return Plan(found, left_out, pattern)


def zip_name(wanted: Wanted) -> str:
    """What the ZIP is saved as: after the project, where all are of one."""
    day = timezone.localdate().isoformat()
    of_whom = wanted.project or Team.current().name or "Dailies"
    return f"{file_names.lined_up((of_whom, day), ' ')}.zip"


def _called(video: Video) -> str:
    label = video.job.label[:TITLE_LENGTH]
    return f"{label}, take {video.job.take}" if video.job.take else label


def _is_lost(file: Rendition) -> bool:
    """It should lie on a disk of this machine and does not. Elsewhere each look would take time."""
    return files.path_at_hand(file.file) is not None and not files.is_there(file.file)
