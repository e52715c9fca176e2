"""Draw the faults of a submission: those its prompt names, and those of the command line."""

import random
import threading
from collections import Counter

from jobs.practice.book.tasks import Task
from jobs.practice.faults.table import FaultStage
from jobs.practice.faults.tags import Chooser, Tags, read_tags
from jobs.practice.kinds import TaskKind
from jobs.practice.options import Options


class Luck:
    """Draws faults, and counts whom they struck. Safe for many threads."""

    def __init__(self, options: Options) -> None:
        self._chooser = Chooser(options.faults, options.fault_rate, random.Random(options.seed))
        self._struck: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def of_prompt(self, prompt: str, kind: TaskKind) -> tuple[str, Tags]:
        """The words to show, and the faults of a submission with that prompt."""
        caption, tags = read_tags(prompt)
        with self._lock:
            return caption, self._chooser.add_to(tags, kind)

    def of_upgrade(self, source: Task, kind: TaskKind) -> Tags:
        """The faults of an upgrade, which the prompt of its source names."""
        with self._lock:
            return self._chooser.add_to(source.tags.of(kind), kind)

    def of_upload(self) -> str | None:
        """The fault that this upload meets, if any."""
        with self._lock:
            tags = self._chooser.for_upload()
        return self._striking(tags, FaultStage.UPLOAD, "")

    def refusal(self, subject: str, tags: Tags) -> str | None:
        """The refusal that a submission meets, if any; a subject's submissions are counted."""
        return self._striking(tags, FaultStage.REFUSE, subject)

    def _striking(self, tags: Tags, stage: FaultStage, subject: str) -> str | None:
        """The first fault of the stage; ``=N`` strikes a subject's first N times only."""
        name = tags.first(stage)
        if name is None:
            return None
        with self._lock:
            self._struck[name, subject] += 1
            often = self._struck[name, subject]
        return name if often <= tags.number(name, float("inf")) else None
