"""What the provider made and charged beside what our rows say: the promises, counted."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from jobs import ledger
from jobs.archive.kept import files
from jobs.models import Job, LedgerEntry, Rendition
from jobs.models.jobs.status import Status
from jobs.providers.base import UPGRADES

MARKER = re.compile(r"soak-\d{4,}")
Identity = tuple[str, str]
"""A prompt's marker and a kind in the provider's words. An upgrade has its source's prompt."""
Task = Mapping[str, Any]


@dataclass(frozen=True)
class Promise:
    """One promise, and whatever breaks it."""

    text: str
    broken: Sequence[str]


class Books:
    """Both sides at one moment: everything is read here, nothing later."""

    def __init__(self, state: Mapping[str, Any], clicked_twice: Sequence[str]) -> None:
        self.state = state
        self._clicked_twice = clicked_twice
        self.jobs = list(Job.objects.select_related("source").prefetch_related("renditions"))
        self.tasks: dict[Identity, list[Task]] = defaultdict(list)
        for task in state["tasks"]:
            self.tasks[_marker(task["prompt"]), task["kind"]].append(task)
        sums = LedgerEntry.objects.of_people().exclude(job=None).order_by().values_list("job")
        self._spent = {pk: -total for pk, total in sums.annotate(Sum("credits"))}
        self._held = {pk: total for pk, total in sums.annotate(Sum("held")) if total}
        self._visible = set(Job.objects.needing_attention().values_list("pk", flat=True))
        self.promises = self._promises()

    def tasks_of(self, job: Job) -> list[Task]:
        """What the provider made for this job, wanted or not."""
        return self.tasks.get(identity(job), [])

    def statuses(self) -> Counter[str]:
        return Counter(job.get_status_display() for job in self.jobs)

    def files(self) -> Counter[str]:
        return Counter(
            file.get_state_display() for job in self.jobs for file in job.renditions.all()
        )

    def of(self, *statuses: str) -> list[Job]:
        return [job for job in self.jobs if job.status in statuses]

    def charged(self) -> int:
        """What the provider charged in all."""
        return round(sum(float(each["charged"]) for each in self.state["accounts"].values()))

    def too_fast(self) -> int:
        """Creations that the provider turned away for coming too fast."""
        return sum(int(each["creations_limited"]) for each in self.state["accounts"].values())

    def spent(self) -> int:
        return sum(self._spent.values())

    def held(self) -> int:
        return sum(self._held.values())

    def charged_in_doubt(self) -> int:
        """What the provider charged for jobs that still need a look."""
        return sum(_charge(self.tasks_of(job)) for job in self.of(Status.UNCERTAIN))

    def _promises(self) -> list[Promise]:
        return [
            Promise("one job, one piece of work at the provider", [*self._made_twice()]),
            Promise("no work at the provider without its job", [*self._unknown_work()]),
            Promise("every job's id is that of its own work", [*self._foreign_ids()]),
            Promise("what was charged is what was settled, job by job", [*self._wrong_charges()]),
            Promise("… and in sum", [*self._wrong_sum()]),
            Promise("nothing is submitting", self._stories(self.of(Status.SUBMITTING))),
            Promise("nothing is queued or rendering", self._stories(self.of("queued", "running"))),
            Promise("every open hold belongs to a job that needs a look", [*self._loose_holds()]),
            Promise("every job that needs a look has its hold", [*self._uncovered()]),
            Promise("every succeeded job has its archived file", [*self._without_file()]),
            Promise("the ledger adds up", [mismatch.text for mismatch in ledger.audit()]),
            Promise("one click, one job", self._clicked_twice),
        ]

    def story(self, job: Job) -> str:
        """A job in a line, with its faults and what the provider made of it."""
        made = [f"{task['state']} {' '.join(task['tags'])}" for task in self.tasks_of(job)]
        doubt = f", {job.error_code}" if job.error_code else ""
        return f"{job.kind} {_marker(job.prompt)} at {job.provider} ({job.status}{doubt}; {made})"

    def _stories(self, jobs: Iterable[Job]) -> list[str]:
        return [self.story(job) for job in jobs]

    def _made_twice(self) -> Iterator[str]:
        for (marker, kind), tasks in self.tasks.items():
            if len(tasks) > 1:
                yield f"{kind} {marker}: {[task['id'] for task in tasks]}"

    def _unknown_work(self) -> Iterator[str]:
        known = {identity(job) for job in self.jobs}
        return (f"{kind} {marker}" for marker, kind in self.tasks if (marker, kind) not in known)

    def _foreign_ids(self) -> Iterator[str]:
        for job in self.jobs:
            ids = {task["id"] for task in self.tasks_of(job)}
            if job.kind in UPGRADES and job.source:
                ids.add(job.source.external_id)
            if job.external_id and job.external_id not in ids:
                yield f"{self.story(job)}: {job.external_id}, not {ids}"

    def _wrong_charges(self) -> Iterator[str]:
        """A canceled upgrade and the next one of the same video share one piece of work."""
        sharing: dict[Identity, list[Job]] = defaultdict(list)
        for job in self.jobs:
            sharing[identity(job)].append(job)
        for jobs in sharing.values():
            charged = _charge(self.tasks_of(jobs[0]))
            spent = sum(self._spent.get(job.pk, 0) for job in jobs)
            if charged != spent and all(job.status != Status.UNCERTAIN for job in jobs):
                yield f"{self._stories(jobs)}: charged {charged}, settled {spent}"

    def _wrong_sum(self) -> Iterator[str]:
        charged, doubt = self.charged(), self.charged_in_doubt()
        if charged - doubt != self.spent():
            yield f"charged {charged}, of which {doubt} in doubt; settled {self.spent()}"

    def _loose_holds(self) -> Iterator[str]:
        for job in self.jobs:
            is_seen = job.status == Status.UNCERTAIN and job.pk in self._visible
            if job.pk in self._held and not is_seen:
                yield f"{self.story(job)}: {self._held[job.pk]} held"

    def _uncovered(self) -> Iterator[str]:
        for job in self.of(Status.UNCERTAIN):
            held, charged = self._held.get(job.pk, 0), _charge(self.tasks_of(job))
            if held != job.quote or charged > held:
                yield f"{self.story(job)}: {held} held, {charged} charged"

    def _without_file(self) -> Iterator[str]:
        for job in self.of(Status.SUCCEEDED):
            files = list(job.renditions.all())
            if not files:
                yield f"{self.story(job)}: no file at all"
            for file in files:
                if problem := _missing(file):
                    yield f"{self.story(job)}: {file.part} {problem}"


def identity(job: Job) -> Identity:
    return _marker(job.prompt), str(UPGRADES.get(job.kind, job.kind))


def _missing(file: Rendition) -> str:
    if not file.is_stored:
        return f"is {file.state}: {file.problem} (attempt {file.attempts})"
    try:
        with files.opened(file.file) as kept:
            same = hashlib.sha256(kept.read()).hexdigest() == file.sha256
    except FileNotFoundError:
        return "is not in its place"
    return "" if same else "is not what was fetched"


def _charge(tasks: Iterable[Task]) -> int:
    return round(sum(float(task["charged"]) for task in tasks))


def _marker(prompt: str) -> str:
    found = MARKER.search(prompt)
    return found[0] if found else prompt
