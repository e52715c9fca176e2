"""Kills what works, and once takes the database and the bucket away, at the worst moments: any."""

from __future__ import annotations

import threading
import time
from collections import Counter

from tests.tools.soak.machines.background import Background
from tests.tools.soak.machines.surroundings import Stage

KILL_SECONDS = 20
BESIDE = {3: "follower", 4: "web"}
"""Every so many kills this dies with the worker of the same machine."""
BUCKET_SECONDS = 15


class Chaos:
    """A thread that kills until it is told to calm down, and starts again what has ended."""

    def __init__(self, stage: Stage, kill_seconds: float = KILL_SECONDS) -> None:
        self.done: Counter[str] = Counter()
        self._stage = stage
        self._seconds = kill_seconds
        self._calm = threading.Event()
        self._blow_wanted = threading.Event()
        self._due = 0.0
        self._thread = Background(self._turn, 0.2, "chaos")

    def __enter__(self) -> Chaos:
        self._due = time.monotonic() + self._seconds
        self._thread.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.stop()

    def calm_down(self) -> None:
        """Kill no more; whatever ends by itself is still started again."""
        self._calm.set()

    def strike_servers(self) -> None:
        """Crash the database soon, once, and let the bucket be away; where they are servers."""
        self._blow_wanted.set()

    def _turn(self) -> None:
        if self._blow_wanted.is_set():
            self._blow_wanted.clear()
            self._crash()
            self._take_bucket_away()
        if time.monotonic() >= self._due and not self._calm.is_set():
            self._kill()
            self._due += self._seconds
        self._supervise()

    def _supervise(self) -> None:
        for name, process in self._stage.services().items():
            self.done[f"{name}, by itself"] += process.revive()

    def _kill(self) -> None:
        machines, number = self._stage.machines, self.done["worker"] + 1
        services = machines[number % len(machines)].services
        beside = [name for every, name in BESIDE.items() if number % every == 0]
        for name in ("worker", *beside):
            services[name].kill()
            services[name].start()
            self.done[name] += 1

    def _take_bucket_away(self) -> None:
        if self._stage.bucket is None:
            return
        self._stage.bucket.go()
        self._thread.wait(BUCKET_SECONDS)
        self._stage.bucket.come()
        self.done["bucket"] += 1

    def _crash(self) -> None:
        database = self._stage.database
        if database is None:
            return
        database.crash()
        self._thread.wait(1)
        database.start()
        self.done["database"] += 1
