"""The faults that one submission asks for, read from its prompt or drawn by luck.

An upgrade has no prompt of its own: its faults stand in the prompt of the video it enlarges, with
the upgrade's name before them, as in ``[[4k-fail]]`` or ``[[1080p-seconds=60]]``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from jobs.practice.faults.table import FAULTS, FaultStage
from jobs.practice.kinds import UPGRADES, TaskKind

TAG = re.compile(r"\[\[\s*([a-z0-9-]+)\s*(?:=([^\]\n]{0,200}))?\]\]")


def split(name: str) -> tuple[TaskKind | None, str]:
    """The upgrade that a tag's name is meant for, if any, and the name of the fault."""
    for kind in UPGRADES:
        if name.startswith(f"{kind}-"):
            return kind, name.removeprefix(f"{kind}-")
    return None, name


def known(name: str) -> bool:
    """It is a fault's name, with or without the name of an upgrade before it."""
    return split(name)[1] in FAULTS


@dataclass(frozen=True)
class Tags:
    """The faults of one submission, each with the value given after ``=`` (or an empty text)."""

    values: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """The value after ``=``."""
        return self.values.get(name) or default

    def number(self, name: str, default: float) -> float:
        """The value after ``=`` as a number within 0 and one day of seconds."""
        try:
            return min(86_400.0, max(0.0, float(self.values.get(name) or default)))
        except ValueError:
            return default

    def first(self, stage: FaultStage) -> str | None:
        """The first fault of that stage; those meant for an upgrade do not count."""
        return next((n for n in self.values if n in FAULTS and FAULTS[n].stage is stage), None)

    def of(self, upgrade: TaskKind) -> "Tags":
        """The faults meant for that upgrade of this video."""
        named = {split(name): value for name, value in self.values.items()}
        return Tags({fault: value for (kind, fault), value in named.items() if kind is upgrade})


def read_tags(prompt: str) -> tuple[str, Tags]:
    """The prompt without its known tags, and the tags. Unknown ones are left as they stand."""
    values = {name: (value or "").strip() for name, value in TAG.findall(prompt) if known(name)}
    caption = TAG.sub(lambda match: "" if known(match[1]) else match[0], prompt)
    return " ".join(caption.split()), Tags(values)


@dataclass
class Chooser:
    """Adds the faults of the command line to submissions, each at the given rate (0 to 1)."""

    faults: Sequence[str]
    rate: float
    random: Random

    def add_to(self, tags: Tags, kind: TaskKind = TaskKind.GENERATE) -> Tags:
        """The tags of a submission and those that luck adds; its own values win."""
        return Tags({**self._drawn((None, kind), uploads=False), **tags.values})

    def for_upload(self) -> Tags:
        """The faults that luck gives an upload."""
        return Tags(self._drawn((None,), uploads=True))

    def _drawn(self, meant_for: tuple[TaskKind | None, ...], *, uploads: bool) -> dict[str, str]:
        drawn: dict[str, str] = {}
        for fault in self.faults:
            written, _, value = fault.partition("=")
            kind, name = split(written)
            fits = kind in meant_for and (FAULTS[name].stage is FaultStage.UPLOAD) is uploads
            if fits and self.random.random() < self.rate:
                drawn[name] = value
        return drawn
