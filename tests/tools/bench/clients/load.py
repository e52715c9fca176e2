"""Sends requests as fast as they are answered, in a process of its own.

`python -m tests.tools.bench.clients.load` reads a plan from standard input and writes what
happened to standard output, both as JSON.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

CONNECTIONS = 16


@dataclass(frozen=True)
class Shot:
    """One request, ready to be sent."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Plan:
    port: int
    shots: Sequence[Shot]
    expect: int
    """The only status that counts as an answer."""
    seconds: float
    once: bool = False
    """Each shot at most once: the run ends early when they are used up."""
    clients: int = CONNECTIONS
    pause: float = 0
    """Seconds for which each of them waits before it asks again."""
    patience: float = 30
    """Seconds after which what was not answered counts as bad."""


@dataclass
class Outcome:
    """How many went well in how many seconds, how many did not, and milliseconds of each."""

    done: int = 0
    seconds: float = 0
    bad: int = 0
    spans: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.done / self.seconds

    def add(self, other: Outcome) -> None:
        self.spans += other.spans
        self.done += other.done
        self.seconds += other.seconds
        self.bad += other.bad

    def quantile(self, share: float) -> float:
        return sorted(self.spans)[int(share * (len(self.spans) - 1))]


def run(plan: Plan) -> Outcome:
    """Carry a plan out in another process, so that it shares no interpreter with anything."""
    command = [sys.executable, "-m", "tests.tools.bench.clients.load"]
    done = subprocess.run(
        command, input=json.dumps(asdict(plan)), capture_output=True, text=True, check=True
    )
    return Outcome(**json.loads(done.stdout))


def shoot(plan: dict[str, Any]) -> Outcome:
    shots, numbers = plan["shots"], itertools.count()
    start = time.perf_counter()
    ends = start + plan["seconds"]
    outcomes = [Outcome() for _ in range(plan["clients"])]

    def work(outcome: Outcome) -> None:
        connection = HTTPConnection("127.0.0.1", plan["port"], timeout=plan["patience"])
        while (sent := time.perf_counter()) < ends:
            number = next(numbers)
            if plan["once"] and number >= len(shots):
                break
            shot = shots[number % len(shots)]
            try:
                connection.request(shot["method"], shot["path"], shot["body"], shot["headers"])
                response = connection.getresponse()
                response.read()
            except (OSError, HTTPException):
                connection.close()
                outcome.bad += 1
                continue
            if response.status == plan["expect"]:
                outcome.done += 1
                outcome.spans.append(1000 * (time.perf_counter() - sent))
            else:
                outcome.bad += 1
            time.sleep(plan["pause"])
        connection.close()

    threads = [threading.Thread(target=work, args=(outcome,)) for outcome in outcomes]
    for thread in threads:
        thread.start()
    total = Outcome()
    for thread, outcome in zip(threads, outcomes, strict=True):
        thread.join()
        total.add(outcome)
    total.seconds = time.perf_counter() - start
    return total


if __name__ == "__main__":
    json.dump(asdict(shoot(json.load(sys.stdin))), sys.stdout)
