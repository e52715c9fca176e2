"""Tasks of the practice providers and the book they stand in."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from jobs.practice.accounts import Account
from jobs.practice.film import FilmSpec
from jobs.practice.tags import Tags


class State(StrEnum):
    """Where a task stands, in veo4's words; kie knows them as flags."""

    QUEUED = "queued"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


FINAL = (State.SUCCEEDED, State.FAILED, State.CANCELED)


@dataclass(frozen=True)
class Reason:
    """Why a task failed. ``flag`` is kie's successFlag (2 or 3)."""

    code: int
    message: str
    flag: int = 3


@dataclass
class Task:
    """One accepted creation. Times are seconds since the epoch."""

    id: str
    provider: str
    account: Account
    params: Mapping[str, Any]
    caption: str
    tags: Tags
    film: FilmSpec
    resolution: str
    price: Decimal
    queue_seconds: float
    seconds: float
    callback_url: str
    created: float = field(default_factory=time.time)
    ended: float | None = None
    result: State | None = None
    reason: Reason | None = None
    charged: Decimal = Decimal(0)
    file: str = field(default_factory=lambda: secrets.token_hex(12))
    questions: int = 0
    answers_with_link: int = 0
    callbacks: int = 0
    callbacks_taken: int = 0
    waits_for: set[str] = field(default_factory=lambda: {"time", "film"})

    @property
    def prompt(self) -> str:
        """The prompt exactly as it was sent."""
        return str(self.params["prompt"])

    @property
    def state(self) -> State:
        """The state at this moment."""
        if self.result is not None:
            return self.result
        started = time.time() >= self.created + self.queue_seconds
        return State.PROCESSING if started else State.QUEUED

    @property
    def progress(self) -> int:
        """Percent done; 100 only after success."""
        if self.result is State.SUCCEEDED:
            return 100
        gone = time.time() - self.created - self.queue_seconds
        return max(0, min(99, int(100 * gone / self.seconds))) if self.seconds else 99

    def facts(self) -> dict[str, Any]:
        """What the pages for people and tests show."""
        return {
            "id": self.id,
            "provider": self.provider,
            "account": self.account.name,
            "prompt": self.prompt,
            "state": str(self.state),
            "tags": dict(self.tags.values),
            "charged": float(self.charged),
            "callbacks": self.callbacks,
            "questions": self.questions,
            "created": self.created,
            "ended": self.ended,
            "file": self.file,
        }


class Book:
    """All tasks, the oldest forgotten first. Safe for many threads."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._tasks: OrderedDict[str, Task] = OrderedDict()
        self._files: dict[str, Task] = {}
        self._capacity = capacity
        self._lock = threading.Lock()

    def add(self, task: Task) -> None:
        """Enter a task."""
        with self._lock:
            self._tasks[task.id] = task
            self._files[task.file] = task
            while len(self._tasks) > self._capacity:
                _, oldest = self._tasks.popitem(last=False)
                self._files.pop(oldest.file, None)

    def find(self, task_id: str, account: Account) -> Task | None:
        """The task, if it belongs to that account."""
        with self._lock:
            task = self._tasks.get(task_id)
        return task if task is not None and task.account is account else None

    def by_file(self, name: str) -> Task | None:
        """The task whose result file has that name (without its ending)."""
        with self._lock:
            return self._files.get(name)

    def all(self) -> list[Task]:
        """Every task, oldest first."""
        with self._lock:
            return list(self._tasks.values())
