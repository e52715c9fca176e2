"""Kills what works, and crashes the database once, at the worst moments: any."""

from __future__ import annotations

import threading
import time
from collections import Counter

from tests.tools.soak.surroundings import Stage

KILL_SECONDS = 20
FOLLOWER_EVERY = 3
"""Every so many kills the follower dies with the worker."""


class Chaos:
    """A thread that kills until it is told to calm down, and starts again what has ended."""

    def __init__(self, stage: Stage, kill_seconds: float = KILL_SECONDS) -> None:
        self.done: Counter[str] = Counter()
        self._stage = stage
        self._seconds = kill_seconds
        self._stopped = threading.Event()
        self._calm = threading.Event()
        self._problem: BaseException | None = None
        self._crash_wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chaos", daemon=True)

    def __enter__(self) -> Chaos:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Raises what broke the thread, if anything did."""
        self._stopped.set()
        self._thread.join()
        if self._problem is not None:
            raise self._problem

    def calm_down(self) -> None:
        """Kill no more; whatever ends by itself is still started again."""
        self._calm.set()

    def crash_database(self) -> None:
        """Do so soon, once; SQLite has no server to crash."""
        if self._stage.database is not None:
            self._crash_wanted.set()

    def _run(self) -> None:
        try:
            due = time.monotonic() + self._seconds
            while not self._stopped.wait(0.2):
                if self._crash_wanted.is_set() and not self.done["database"]:
                    self._crash()
                if time.monotonic() >= due and not self._calm.is_set():
                    self._kill()
                    due += self._seconds
                self._supervise()
        except BaseException as problem:  # noqa: BLE001  # handed on by stop()
            self._problem = problem

    def _supervise(self) -> None:
        for name, process in self._stage.services().items():
            self.done[f"{name}, by itself"] += process.revive()

    def _kill(self) -> None:
        victims = [("worker", self._stage.worker)]
        if self.done["worker"] % FOLLOWER_EVERY == FOLLOWER_EVERY - 1:
            victims.append(("follower", self._stage.follower))
        for name, process in victims:
            process.kill()
            process.start()
            self.done[name] += 1

    def _crash(self) -> None:
        database = self._stage.database
        assert database is not None
        database.crash()
        self._stopped.wait(1)
        database.start()
        self.done["database"] += 1
