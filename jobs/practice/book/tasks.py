"""Tasks of the practice providers and the book they stand in."""

import hashlib
import json
import secrets
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from jobs.practice.book.accounts import Account
from jobs.practice.faults.tags import Tags
from jobs.practice.film import FilmSpec
from jobs.practice.kinds import UPGRADES, TaskKind


class TaskState(StrEnum):
    """The state of a task, in veo4's words; kie knows them as flags."""

    QUEUED = "queued"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


SEGMENT = "-segment"
"""The end of a file's name when it holds an extension's new part alone."""


@dataclass(frozen=True)
class Reason:
    """The reason a task failed. ``flag`` is kie's successFlag (2 or 3)."""

    code: int
    message: str
    flag: int = 3


@dataclass(frozen=True)
class Links:
    """Addresses of a task's files. The segment is the film itself unless that was extended."""

    film: str
    segment: str
    poster: str


@dataclass
class Task:
    """One accepted creation. Times are seconds since the epoch.

    ``id`` is the provider's id; that of an upgrade may be the id of its source, which then keeps
    it: whoever asks by id hears about the source.
    """

    id: str
    kind: TaskKind
    provider: str
    account: Account
    source: "Task | None"
    params: Mapping[str, Any]
    caption: str
    tags: Tags
    film: FilmSpec
    images: Sequence[str]
    ratio: str
    resolution: str
    price: Decimal
    queue_seconds: float
    seconds: float
    callback_url: str
    created: float = field(default_factory=time.time)
    ended: float | None = None
    result: TaskState | None = None
    trouble: Reason | None = None
    reason: Reason | None = None
    charged: Decimal = Decimal(0)
    file: str = field(default_factory=lambda: secrets.token_hex(12))
    questions: int = 0
    answers_with_link: int = 0
    callbacks: int = 0
    callbacks_taken: int = 0
    waits_for: set[str] = field(default_factory=lambda: {"time", "film"})

    @property
    def given(self) -> Mapping[str, Any]:
        """The parameters of the film."""
        return given(self.params)

    @property
    def changes(self) -> Mapping[str, Any] | None:
        """The film that it changes, with the part that is meant: `url`, `start` and `ends`."""
        films: Sequence[Mapping[str, Any]] = self.given.get("video_list", ())
        return films[0] if films else None

    @property
    def is_market(self) -> bool:
        """It was ordered over kie's unified API."""
        return "input" in self.params

    @property
    def prompt(self) -> str:
        """The prompt exactly as it was sent; an upgrade has that of its source."""
        if self.kind in UPGRADES and self.source is not None:
            return self.source.prompt
        return str(self.given["prompt"])

    @cached_property
    def fingerprint(self) -> str:
        """The same for submissions of the same account with the same fields."""
        return fingerprint(self.account, self.kind, self.params)

    @property
    def state(self) -> TaskState:
        """The state at this moment."""
        if self.result is not None:
            return self.result
        started = time.time() >= self.created + self.queue_seconds
        return TaskState.PROCESSING if started else TaskState.QUEUED

    @property
    def progress(self) -> int:
        """Percent done; 100 only after success."""
        if self.result is TaskState.SUCCEEDED:
            return 100
        gone = time.time() - self.created - self.queue_seconds
        return max(0, min(99, int(100 * gone / self.seconds))) if self.seconds else 99

    def facts(self) -> dict[str, Any]:
        """The facts that the pages for people and tests show."""
        return {
            "id": self.id,
            "kind": str(self.kind),
            "source": self.source.id if self.source else None,
            "provider": self.provider,
            "account": self.account.name,
            "prompt": self.prompt,
            "state": str(self.state),
            "reason": self.reason.message if self.reason else None,
            "resolution": self.resolution,
            "seconds": self.film.length,
            "tags": dict(self.tags.values),
            "price": float(self.price),
            "charged": float(self.charged),
            "callbacks": self.callbacks,
            "questions": self.questions,
            "created": self.created,
            "ended": self.ended,
            "file": self.file,
        }


def given(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters of a film in a submission; kie's unified API has them one level down."""
    inner: Mapping[str, Any] = params.get("input", params)
    return inner


def fingerprint(account: Account, kind: TaskKind, params: Mapping[str, Any]) -> str:
    """One text for all submissions of an account that ask for the same in the same words.

    For an upgrade the video alone counts: there can be only one of each kind.
    """
    what = params["taskId"] if kind in UPGRADES else params
    written = json.dumps([account.provider, account.name, kind, what], sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


@dataclass(frozen=True)
class Alike:
    """Arrivals of the very same submission, and the tasks that were made of it."""

    seen: int
    accepted: int


class Book:
    """All tasks, the oldest forgotten first. Safe for many threads."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._tasks: OrderedDict[str, Task] = OrderedDict()
        self._by_id: dict[str, Task] = {}
        self._upgrades: dict[tuple[str, TaskKind], Task] = {}
        self._seen: Counter[str] = Counter()
        self._accepted: Counter[str] = Counter()
        self._capacity = capacity
        self._lock = threading.Lock()

    def saw(self, account: Account, kind: TaskKind, params: Mapping[str, Any]) -> None:
        """Count a submission, whatever becomes of it."""
        with self._lock:
            self._seen[fingerprint(account, kind, params)] += 1

    def alike(self, task: Task) -> Alike:
        """Count the arrivals of the submission that made this task, and those accepted."""
        with self._lock:
            return Alike(self._seen[task.fingerprint], self._accepted[task.fingerprint])

    def add(self, task: Task) -> list[Task]:
        """Enter a task; those that were forgotten for it."""
        forgotten = []
        with self._lock:
            self._tasks[task.file] = task
            self._by_id.setdefault(task.id, task)
            self._accepted[task.fingerprint] += 1
            if task.source is not None and task.kind in UPGRADES:
                self._upgrades[task.source.file, task.kind] = task
            while len(self._tasks) > self._capacity:
                forgotten.append(self._tasks.popitem(last=False)[1])
                self._forget(forgotten[-1])
        return forgotten

    def _forget(self, task: Task) -> None:
        if self._by_id.get(task.id) is task:
            del self._by_id[task.id]
        if task.source is not None:
            self._upgrades.pop((task.source.file, task.kind), None)
        # What was counted of it goes with it.
        self._seen.pop(task.fingerprint, None)
        self._accepted.pop(task.fingerprint, None)

    def find(self, task_id: str, account: Account, *, market: bool = False) -> Task | None:
        """The task, if it belongs to that account and to the API that asks."""
        with self._lock:
            task = self._by_id.get(task_id)
        known = task is not None and task.account is account and task.is_market is market
        return task if known else None

    def upgrade(self, source: Task, kind: TaskKind) -> Task | None:
        """The upgrade of that kind that was made of this video."""
        with self._lock:
            return self._upgrades.get((source.file, kind))

    def by_file(self, name: str) -> Task | None:
        """The task whose result file has that name (without its ending)."""
        with self._lock:
            return self._tasks.get(name.removesuffix(SEGMENT))

    def all(self) -> list[Task]:
        """Every task, oldest first."""
        with self._lock:
            return list(self._tasks.values())
