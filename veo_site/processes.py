"""The process tree of `make run`: the Procfile under honcho, in one terminal.

Honcho's own command line is not used because it gives each process another PORT, starts the
practice provider even where it is turned off, and narrates. Its manager does the work.
"""

import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from honcho import manager
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from veo_site import refusing

with refusing.settings_said():
    from veo_site.settings import BASE_DIR, HOST, PORT, PRACTICE, PRACTICE_PORT, VAR

FIRST = "web"
"""Alone until it is ready, so that there is a page before the others want the processors."""
KILLED_AFTER = 4  # seconds; honcho counts its own from the first process that has stopped


class QuietPrinter(Printer):  # type: ignore[misc]  # honcho carries no types
    """Passes on what the processes say, and of honcho's own lines only a death nobody asked for."""

    stopping = False
    heard: Callable[[str], None] = staticmethod(lambda _name: None)
    """Told who has said something."""

    def write(self, message: Message) -> None:
        by_honcho = message.name == manager.SYSTEM_PRINTER_NAME
        if by_honcho and (self.stopping or " stopped (" not in message.data):
            return
        with suppress(OSError):  # the terminal was closed: go on stopping, without words
            super().write(message)
        if not by_honcho:
            self.heard(message.name)


class Tree(manager.Manager):  # type: ignore[misc]  # honcho carries no types
    _processes: dict[str, Any]

    def __init__(self) -> None:
        super().__init__(QuietPrinter(prefix=False))
        self._later: dict[str, Any] = {}
        self._printer.heard = self._start_others

    def _start(self) -> None:
        self._later = {name: each for name, each in self._processes.items() if name != FIRST}
        self._processes = {FIRST: self._processes[FIRST]}
        super()._start()

    def _start_others(self, heard: str) -> None:
        """Once the first says that it is ready, or what keeps it from that."""
        if heard != FIRST or not self._later or self._printer.stopping:
            return
        running, self._processes, self._later = self._processes, self._later, {}
        super()._start()
        self._processes = running | self._processes

    def terminate(self) -> None:
        """Stops every process; a moment later if honcho does not know all their numbers yet."""
        if self._printer.stopping:
            return
        if self._all_started():
            self._printer.stopping = True
            super().terminate()
            call_later(KILLED_AFTER, self.kill)
        else:
            call_later(0.1, self.terminate)


def call_later(seconds: float, action: Callable[[], None]) -> None:
    signal.signal(signal.SIGALRM, lambda *_: action())
    signal.setitimer(signal.ITIMER_REAL, seconds)


def hang_up(_signum: int, _frame: FrameType | None) -> None:
    """A closed terminal stops the tree as SIGTERM does; honcho itself does not listen for it."""
    os.kill(os.getpid(), signal.SIGTERM)


def refuse_taken_port(host: str, port: int, setting: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        refusing.refuse(
            f"Cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}.\n"
            f"Stop what uses it, or choose another: make run {setting}={port + 1}"
        )


def main() -> int:
    refuse_taken_port(HOST, PORT, "PORT")
    if PRACTICE:
        refuse_taken_port("127.0.0.1", PRACTICE_PORT, "PRACTICE_PORT")
    procfile = parse_procfile((BASE_DIR / "Procfile").read_text(encoding="utf-8"))
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PRACTICE_PORT": str(PRACTICE_PORT),
        "PRACTICE_FOLDER": str(VAR / "practice"),
    }

    # Honcho's watchers are forked: anything else would load the settings again for each.
    multiprocessing.set_start_method("fork")
    signal.signal(signal.SIGHUP, hang_up)
    tree = Tree()
    for name, command in procfile.processes.items():
        if name != "practice" or PRACTICE:
            tree.add_process(name, command, env=environment, cwd=BASE_DIR)
    tree.loop()
    # What was to kill those that are late must not end this process on its way out.
    signal.setitimer(signal.ITIMER_REAL, 0)
    asked_to_stop = tree.returncode in {128 + signal.SIGINT, 128 + signal.SIGTERM}
    return 0 if asked_to_stop else tree.returncode or 1


if __name__ == "__main__":
    sys.exit(main())
