"""What is taken away, and what people may see of that meanwhile."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.tools.soak.machines.background import Background
from tests.tools.soak.machines.product_processes import send_signal
from tests.tools.soak.machines.surroundings import Stage
from tests.tools.soak.outages.supervisor import Supervisor, lasting

REFILL_SECONDS = 0.2
PAUSE_SECONDS = 1
"""Between a kill and a look at what became of it."""
UP_WITHIN = 60
ENDS_WITHIN = 110
"""Seconds for all processes to end, once asked: more than a paid request takes."""


@dataclass(frozen=True)
class Act:
    """One thing that is away for a while."""

    name: str
    lasts: Callable[[float], None]
    """Takes it away, waits for so many seconds, and gives it back."""
    lacks: frozenset[str] = frozenset()
    """What may say that it can't be done meanwhile: of `onlookers.PARTS`."""
    web_ends: frozenset[str] = frozenset()
    """At these addresses nobody may answer at all for a moment."""
    may_doubt: bool = False
    """Of what is being sent it may be that nobody knows what became of it."""
    hangs: bool = False
    """It is there and does not answer, so that people may wait. Played where it is asked for."""


ALL, FILMS = frozenset({"page", "poll", "film", "order", "readyz", "statusz"}), frozenset({"film"})


def acts(stage: Stage, supervisor: Supervisor) -> dict[str, Act]:
    """All that this stage has, by name, in their order."""
    whole, everywhere = frozenset({"statusz"}), frozenset(stage.urls)
    found: list[Act] = []
    if database := stage.database:
        found += [
            Act("database", _away(database.crash, database.start), ALL),
            Act("database hangs", _frozen(database.family), ALL, hangs=True),
        ]
    if redis := stage.redis:
        found += [
            Act("redis", _away(redis.go, redis.come), whole),
            Act("redis hangs", _frozen(redis.family), whole, hangs=True),
        ]
    if bucket := stage.bucket:
        found += [
            Act("bucket", _away(bucket.go, bucket.come), FILMS | whole),
            Act("bucket hangs", _frozen(bucket.family), FILMS | whole, hangs=True),
        ]
    kill = _kill_each(stage, supervisor)
    found.append(Act("kill", kill, whole, web_ends=everywhere, may_doubt=True))
    found.append(Act("sigterm", _end_all(stage, supervisor), ALL, web_ends=everywhere))
    if len(stage.machines) > 1:
        last = stage.machines[-1]
        gone = _away(last.kill, last.start)
        found.append(Act("machine", gone, web_ends=frozenset({last.url}), may_doubt=True))
    disk = stage.machines[0].disk
    if disk is not None:
        # What holds the database is full where that is a file.
        lacks = ALL if database is None else frozenset({"order", "film", "statusz"})
        found.append(Act("disk", _full(disk.fill, disk.clear), lacks))
    if database and database.disk:
        found.append(Act("database's disk", _full(database.disk.fill, database.disk.clear), ALL))
    return {act.name: act for act in found}


def _away(go: Callable[[], None], come: Callable[[], None]) -> Callable[[float], None]:
    def lasts(seconds: float) -> None:
        go()
        try:
            time.sleep(seconds)
        finally:
            come()

    return lasts


def _frozen(family: Callable[[], list[int]]) -> Callable[[float], None]:
    """It takes what it is sent, and answers nothing: as on a machine whose disk stands still."""

    def lasts(seconds: float) -> None:
        frozen = family()
        for pid in frozen:
            send_signal(pid, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            for pid in frozen:
                send_signal(pid, signal.SIGCONT)

    return lasts


def _full(fill: Callable[[], None], clear: Callable[[], None]) -> Callable[[float], None]:
    def lasts(seconds: float) -> None:
        fill()
        try:
            with Background(fill, REFILL_SECONDS, "filling"):
                time.sleep(seconds)
        finally:
            clear()

    return lasts


def _kill_each(stage: Stage, supervisor: Supervisor) -> Callable[[float], None]:
    """SIGKILL for each process of each service, children before parents, one at a time."""

    def lasts(_: float) -> None:
        for service in stage.services().values():
            there = lasting(service)
            for place in reversed(range(len(there))):
                # The one in this place by now: others may have gone with those of before.
                send_signal(lasting(service)[place], signal.SIGKILL)
                time.sleep(PAUSE_SECONDS)
                supervisor.wait_until_up(len(there), service, UP_WITHIN)

    return lasts


def _end_all(stage: Stage, supervisor: Supervisor) -> Callable[[float], None]:
    """SIGTERM for every process at once, as a machine that shuts down does it, and a new start."""

    def lasts(_: float) -> None:
        services = stage.services()
        numbers = {name: len(lasting(each)) for name, each in services.items()}
        with supervisor.paused():
            began = time.monotonic()
            everybody = [pid for each in services.values() for pid in each.family()]
            for pid in everybody:
                send_signal(pid, signal.SIGTERM)
            while not all(each.has_ended() for each in services.values()):
                if time.monotonic() > began + ENDS_WITHIN:
                    raise RuntimeError("what was told to stop goes on")
                time.sleep(0.1)
            if left := [*_alive(everybody)]:
                raise RuntimeError(f"left behind by what was told to stop: {left}")
        # Now the supervisor starts them again.
        for name, each in services.items():
            supervisor.wait_until_up(numbers[name], each, UP_WITHIN)

    return lasts


def _alive(pids: list[int]) -> Iterator[int]:
    for pid in pids:
        with suppress(OSError):
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                yield pid
