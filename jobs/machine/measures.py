"""Counts and times what happens in the processes of this machine, for monitors.

Whatever one of them counts lies in a file of its own in METRICS_DIR, and whichever process is asked
adds them all up. A file outlives its process: the next one that starts goes on with it, so that no
count ever falls, and there are no more files than there were processes at once. Nothing is counted
where METRICS_TOKEN is not set.

Labels are words of this code, and never what people, providers or addresses say.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Histogram, multiprocess, values

from jobs.machine.outages import Outage, described

logger = logging.getLogger(__name__)

SIZES = {"counter": 256 * 1024, "histogram": 1024**2}
"""Bytes of the files, taken from the disk at once: writing into one for which a full disk has no
room would kill the process. Each time series takes about 150, and each view has ten."""
PAGE_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
PROVIDER_SECONDS = (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)


@dataclass(slots=True)
class _Place:
    """The number by which a process names its files, which is its own as long as it lives."""

    pid: int = 0
    number: int = -1
    lock: int | None = None
    """An open file, which the system closes at our end."""


_place = _Place()


def are_on() -> bool:
    """Somebody may read it."""
    return bool(settings.METRICS_TOKEN)


def _number() -> int:
    """The number of this process: asked with each count, since it may have been forked since."""
    if _place.pid != os.getpid():
        _take_place()
    return _place.number


def _take_place() -> None:
    """Take the lowest number that no living process has. The system gives it back at our end."""
    folder = Path(settings.METRICS_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    places = ((number, _locked(folder / f"{number}.lock")) for number in count())
    number, lock = next((number, lock) for number, lock in places if lock is not None)
    for kind, size in SIZES.items():
        with (folder / f"{kind}_{number}.db").open("ab") as file:
            if file.tell() < size and hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
    _place.pid, _place.number, _place.lock = os.getpid(), number, lock


def _locked(path: Path) -> int | None:
    """The file, locked for this process alone and for nobody that it forks; None if it is taken."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file


values.ValueClass = values.MultiProcessValue(  # type: ignore[no-untyped-call]
    lambda: _number() if are_on() else -1
)
_registry = CollectorRegistry()
_pages = Histogram(
    "dailies_request_seconds",
    "Requests, by view.",
    ("view",),
    registry=_registry,
    buckets=PAGE_SECONDS,
)
_statuses = Counter(
    "dailies_requests",
    "Requests, by view and class of status.",
    ("view", "status"),
    registry=_registry,
)
_answers = Histogram(
    "dailies_provider_seconds",
    "Calls of providers, with repeats, by what they were and how they ended.",
    ("provider", "call", "outcome"),
    registry=_registry,
    buckets=PROVIDER_SECONDS,
)
_callbacks = Counter(
    "dailies_callbacks",
    "Callbacks that came, by what became of them.",
    ("provider", "outcome"),
    registry=_registry,
)
_moves = Counter(
    "dailies_job_moves", "Jobs that came into a status.", ("status",), registry=_registry
)


def page(view: str, status: int, seconds: float) -> None:
    """A request was answered."""
    _count(lambda: _pages.labels(view).observe(seconds))
    _count(lambda: _statuses.labels(view, f"{status // 100}xx").inc())


def callback(provider: str, outcome: str) -> None:
    """A callback came for a provider of ours."""
    _count(lambda: _callbacks.labels(provider, outcome).inc())


def moved(status: str) -> None:
    """A job came into this status, and that is committed."""
    _count(lambda: _moves.labels(status).inc())


def answered(provider: str, call: str, outcome: str, seconds: float) -> None:
    """A call of a provider has ended."""
    _count(lambda: _answers.labels(provider, call, outcome).observe(seconds))


def register(registry: CollectorRegistry) -> None:
    """Let a registry tell what all processes of this machine have counted."""
    _number()
    multiprocess.MultiProcessCollector(  # type: ignore[no-untyped-call]
        registry, path=str(settings.METRICS_DIR)
    )


def forget() -> None:
    """Remove what no living process counts on: at an upgrade names and labels may change."""
    folder = Path(settings.METRICS_DIR)
    for path in folder.glob("*.lock"):
        if (lock := _locked(path)) is not None:
            for kind in SIZES:
                (folder / f"{kind}_{path.stem}.db").unlink(missing_ok=True)
            os.close(lock)


_full = Outage(
    logger,
    "Nothing is counted for monitors: %s.",
    "Monitors are counted for again.",
)


def _count(act: Callable[[], None]) -> None:
    """Do it where anything is counted at all. A full disk keeps nobody from their work."""
    if not are_on():
        return
    try:
        act()
    except OSError as error:
        _full.noticed(described(error))
    else:
        _full.over()
