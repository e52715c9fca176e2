"""The faults that one submission asks for, read from its prompt or drawn by luck."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from jobs.practice.faults import FAULTS, Stage

TAG = re.compile(r"\[\[\s*([a-z0-9-]+)\s*(?:=([^\]\n]{0,200}))?\]\]")


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

    def first(self, stage: Stage) -> str | None:
        """The first fault of that stage."""
        return next((name for name in self.values if FAULTS[name].stage is stage), None)

    def also(self, name: str) -> "Tags":
        """These and one more."""
        return Tags({**self.values, name: ""})


def read_tags(prompt: str) -> tuple[str, Tags]:
    """The prompt without its known tags, and the tags. Unknown ones are left as they stand."""
    values = {name: (value or "").strip() for name, value in TAG.findall(prompt) if name in FAULTS}
    caption = TAG.sub(lambda match: "" if match[1] in FAULTS else match[0], prompt)
    return " ".join(caption.split()), Tags(values)


@dataclass
class Chooser:
    """Adds the faults of the command line to submissions, each at the given rate (0 to 1)."""

    faults: Sequence[str]
    rate: float
    random: Random

    def add_to(self, tags: Tags) -> Tags:
        """The tags of a prompt and those that luck adds; the prompt's own values win."""
        drawn = [fault for fault in self.faults if self.random.random() < self.rate]
        extra = {name: value for name, _, value in (fault.partition("=") for fault in drawn)}
        return Tags({**extra, **tags.values})
