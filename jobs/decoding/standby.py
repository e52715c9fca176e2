"""Keeps a process at hand that has loaded the decoders, and has it fork a child for each film.

To load them takes as long as a short film. The process is begun for the first film, by `bare`, so
that it has nothing of ours either; it has one thread, and never opens a film itself. It leaves when
it is not asked for a while, and with who began it. Of one whose child crashed, or had to be killed,
no second child is forked: each would find its memory at the same addresses.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from typing import Any

from jobs.decoding import bare
from jobs.decoding.bare import CODE, TAKEN_UP, Interrupted

LEAVES_SECONDS = 5
"""For it to kill its child and end; it is killed itself after that."""
PART_BYTES = 2**16


class _TooLate(Exception):
    """Nothing was said for as long as there was patience."""


class Standby:
    """Such a process, there where it is needed."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._forget)

    def ended(self, given: dict[str, Any], patience: float) -> tuple[bytes, int] | None:
        """What a child has answered, and how it ended; None while another thread asks.

        Raises `Interrupted`.
        """
        if not self._lock.acquire(blocking=False):
            return None
        code = 1
        until = time.monotonic() + patience
        try:
            with self._taken_up(json.dumps(given).encode() + b"\n", until) as (line, answers):
                answer, code = _heard(line, answers, until)
        except _TooLate as error:
            raise Interrupted(f"it took longer than {patience:g} s") from error
        finally:
            if code:
                self.end()
            self._lock.release()
        return answer, code

    def end(self) -> None:
        """End it, and its child; where nothing is there, nothing happens."""
        line, process = self._line, self.process
        self._line = self.process = None
        if line is None or process is None:
            return
        line.close()
        try:
            process.wait(LEAVES_SECONDS)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @contextmanager
    def _taken_up(self, message: bytes, until: float) -> Iterator[tuple[socket.socket, ...]]:
        """The line on which the process tells how its child ends, and that of the child."""
        for _ in range(2):
            line = self._line or self._begun()
            answers, theirs = socket.socketpair()
            with answers:
                if _is_taken(line, message, theirs, until):
                    yield line, answers
                    return
            # It left, or was killed, before it came to that.
            self.end()
        raise Interrupted("no process stands by")

    def _begun(self) -> socket.socket:
        line, theirs = socket.socketpair()
        try:
            # In a group of its own, so that it can be killed together with its child.
            self.process = bare.start(
                "forking", stdin=theirs.fileno(), stdout=subprocess.DEVNULL, process_group=0
            )
        except Interrupted:
            line.close()
            raise
        finally:
            theirs.close()
        self._line = line
        # It leaves when it likes, and nobody may be asking for it then.
        threading.Thread(target=self.process.wait, daemon=True).start()
        return line

    def _forget(self) -> None:
        """Leave the process to who forked us: it is to see when that ends."""
        if self._line is not None:
            self._line.close()
        self._line = self.process = None
        self._lock = threading.Lock()


def _is_taken(line: socket.socket, message: bytes, answers: socket.socket, until: float) -> bool:
    try:
        with answers:
            socket.send_fds(line, [message], [answers.fileno()])
        return _wait([line], until) == [line] and line.recv(1) == TAKEN_UP
    except OSError:
        return False


def _heard(line: socket.socket, answers: socket.socket, until: float) -> tuple[bytes, int]:
    parts = list[bytes]()
    open_ones = [line, answers]
    while True:
        if answers in (ready := _wait(open_ones, until)):
            parts.append(answers.recv(PART_BYTES))
            if not parts[-1]:
                open_ones.remove(answers)
        elif line in ready:
            break
    code = line.recv(CODE.size)
    if not code:
        raise Interrupted("the process that forked it ended")
    # Nothing of what the child has said is still under way.
    answers.setblocking(False)
    with suppress(BlockingIOError):
        while part := answers.recv(PART_BYTES):
            parts.append(part)
    return b"".join(parts), CODE.unpack(code)[0]


def _wait(lines: Sequence[socket.socket], until: float) -> list[object]:
    """Those that have something to say. Raises `_TooLate` where none has until then."""
    seconds = until - time.monotonic()
    ready: list[object] = list(wait(lines, seconds)) if seconds > 0 else []
    if not ready:
        raise _TooLate
    return ready


films = Standby()
