"""The program that stands by (`python -m`, by `standby`): has a child do each piece of work.

It has one thread, so a fork copies no lock that another holds, and opens no film itself.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from jobs.decoding import confined, film_child
from jobs.decoding.bare import CODE, TAKEN_UP
from jobs.machine.parents import die_with

IDLE_SECONDS = 60
"""After so long without work it leaves: memory is worth more than the start of another one."""
MESSAGE_BYTES_MAX = 2**16

_Work = Callable[[dict[str, Any]], None]


class _Gone(Exception):
    """Nobody is there who could ask."""


def serve(work: _Work) -> None:
    """Have a child do the `work` that is asked for on standard input, until nobody asks any more.

    `work` writes its answer on standard output.
    """
    # To be asked to stop is for who asks us: it may have the film looked at to its end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    line = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    # What is loaded is shared with each child until one of both writes to it.
    gc.collect()
    gc.freeze()
    with suppress(_Gone, OSError):
        while _ready([line], IDLE_SECONDS):
            given, answers = _received(line)
            _have_done(work, given, answers, line)


def _received(line: socket.socket) -> tuple[dict[str, Any], int]:
    text, descriptors = b"", list[int]()
    while not text.endswith(b"\n"):
        part, brought, _, _ = socket.recv_fds(line, MESSAGE_BYTES_MAX, 1)
        if not part:
            raise _Gone
        text += part
        descriptors += brought
    return json.loads(text), descriptors[0]


def _have_done(work: _Work, given: dict[str, Any], answers: int, line: socket.socket) -> None:
    ended, end = socket.socketpair()
    with ended, end:
        ended.setblocking(False)
        end.setblocking(False)
        # That it ends is heard beside what is said on the line.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(end.fileno())
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            try:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                # Whatever it is at: `confined` hears of it only between two calls of a library.
                die_with(parent, signal.SIGKILL)
                for each in (line, ended, end):
                    each.close()
                os.dup2(answers, 1)
                os.close(answers)
                work({**given, "parent": parent})
                os._exit(0)
            finally:
                os._exit(1)
        os.close(answers)
        line.sendall(TAKEN_UP)
        code = _waited_for(child, ended, line)
        signal.set_wakeup_fd(-1)
    line.sendall(CODE.pack(code))


def _waited_for(child: int, ended: socket.socket, line: socket.socket) -> int:
    """What a child has ended with. Raises `_Gone`, once it is killed, when nobody waits for it."""
    while not (status := os.waitpid(child, os.WNOHANG))[0]:
        if line in _ready([ended, line]):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise _Gone
        ended.recv(MESSAGE_BYTES_MAX)
    return os.waitstatus_to_exitcode(status[1])


def _ready(lines: list[socket.socket], seconds: float | None = None) -> list[socket.socket]:
    return select.select(lines, [], [], seconds)[0]


if __name__ == "__main__":
    serve(partial(confined.do, film_child.WORKS))
