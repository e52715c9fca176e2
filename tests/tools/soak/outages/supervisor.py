"""What systemd does: starts again what has ended, and nothing else."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.tools.soak.machines.background import Background
from tests.tools.soak.machines.product_processes import Process
from tests.tools.soak.machines.surroundings import Stage


class Supervisor:
    """Of all services, and of a database that went down for want of room."""

    def __init__(self, stage: Stage) -> None:
        self.revived: Counter[str] = Counter()
        self._stage, self._machines = stage, stage.machines
        self._lock = threading.Lock()
        self.thread = Background(self._turn, 0.5, "supervisor")

    @contextmanager
    def paused(self) -> Iterator[None]:
        with self._lock:
            yield

    def wait_until_up(self, wanted: int, service: Process, seconds: float) -> float:
        """Until a service has so many processes again, and pages answer; how long that took.

        Raises `RuntimeError` where that takes longer.
        """
        began = time.monotonic()
        while not (len(lasting(service)) >= wanted and all(m.is_up() for m in self._machines)):
            if time.monotonic() > began + seconds:
                raise RuntimeError(f"{service.log.stem} is not up again within {seconds:g} s")
            time.sleep(0.2)
        return time.monotonic() - began

    def _turn(self) -> None:
        with self._lock:
            for name, process in self._stage.services().items():
                self.revived[name] += process.revive()
            if self._stage.database is not None:
                self.revived["database"] += self._stage.database.revive()


def lasting(service: Process) -> list[int]:
    """Its processes without those that live as long as one film is read; parents first."""
    return [pid for pid in service.family() if not _is_passing(pid)]


def _is_passing(pid: int) -> bool:
    with suppress(OSError):
        return b"jobs.decoding" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return True
