"""The product's processes, each of which can be killed with all its children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from tests import ROOT

STARTS_WITHIN = 60
STOPS_WITHIN = 15


class Process:
    """One process of the product; after it was killed it is started again."""

    def __init__(self, name: str, command: Sequence[str], environment: dict[str, str]) -> None:
        self.log = Path(environment["VAR_DIR"]) / f"{name}.log"
        self._command = [sys.executable, *command]
        self._environment = environment
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours to hand on
            )

    def revive(self) -> bool:
        """What a supervisor does: start it again if it ended by itself. Whether it had."""
        if self._running is None or self._running.poll() is None:
            return False
        self.start()
        return True

    def kill(self) -> None:
        """SIGKILL for it and all its children, none of which gets to know of the others' end."""
        if self._running is None:
            return
        frozen: list[int] = []
        while young := [pid for pid in family(self._running.pid) if pid not in frozen]:
            for pid in young:
                send_signal(pid, signal.SIGSTOP)
            frozen += young
        for pid in frozen:
            send_signal(pid, signal.SIGKILL)
        self._running.wait()
        self._running = None

    def stop(self) -> None:
        """Ask it to stop; whoever does not is killed."""
        if self._running is None:
            return
        self._running.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._running.wait(STOPS_WITHIN)
        self.kill()

    def family(self) -> list[int]:
        """It and all its descendants, itself first; nobody where it does not run."""
        return family(self._running.pid) if self._running else []

    def has_ended(self) -> bool:
        return self._running is None or self._running.poll() is not None

    def megabytes(self) -> float:
        """What it and its children have in memory, each page that they share counted once."""
        return sum(map(_kilobytes, self.family())) / 1024

    def processor_seconds(self) -> float:
        """What it and its children have used of the processors so far."""
        return processor_seconds(self._running.pid) if self._running else 0.0

    def wait_until(self, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while not answers():
            gone = self._running is None or self._running.poll() is not None
            if gone or time.monotonic() > deadline:
                raise RuntimeError(f"{self._command} does not answer:\n{self.log.read_text()}")
            time.sleep(0.1)


def family(root: int) -> list[int]:
    """A living process and all its descendants, parents before children."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(stat.parent.name)] = int(parent)
    found = [root] if root in parents else []
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def processor_seconds(root: int) -> float:
    """What a process and its descendants have used of the processors so far."""
    return sum(map(_ticks, family(root))) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    """Of its children too, as far as they have ended."""
    with suppress(OSError):
        return sum(
            map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15])
        )
    return 0


def _kilobytes(pid: int) -> int:
    """In memory of this process, with its share of what it has in common with others."""
    with suppress(OSError, ValueError):
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(told.partition("\nPss:")[2].split(maxsplit=1)[0])
    return 0


def send_signal(pid: int, number: signal.Signals) -> None:
    """To a process that may have ended by now."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)
