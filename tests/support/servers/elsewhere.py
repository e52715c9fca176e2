"""Other processes that a test starts, watches and ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen
from typing import Any

from tests.support.servers.child_processes import spawn

PATIENCE = 60.0
"""Seconds after which a test that waits for something gives up."""


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@contextmanager
def elsewhere(code: str, **environment: Any) -> Iterator[Popen[bytes]]:
    """Another process that runs this, ended with the block."""
    process = spawn(code, **environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def children_of(pid: int) -> list[int]:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in found.split()]


def family_of(pid: int) -> list[int]:
    """The process with all its descendants."""
    return [pid, *(each for child in children_of(pid) for each in family_of(child))]


def end_all(pids: list[int]) -> None:
    """Kill these processes with all their descendants, so that none makes a new one meanwhile."""
    family = pids
    while frozen := [pid for pid in family if _told(pid, signal.SIGSTOP)]:
        family = [child for pid in frozen for child in children_of(pid) if child not in pids]
        pids = [*pids, *family]
    for pid in pids:
        _told(pid, signal.SIGKILL)


def _told(pid: int, number: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False
