"""Lets a few pictures and films be taken in at once on this machine, and of one person's pictures
one after the other.

A turn is a lock on a file, which the system takes back from whoever dies with it; so nothing is
left to clear up, and it counts for all processes that share the folder.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings

from jobs.decoding.answers import NotAnImage
from jobs.machine import threads

PATIENCE_SECONDS = 5
LOOK_SECONDS = 0.05
YOURS = "Other images of yours are still being read. Try again in a few seconds."
YOUR_LINK = "Another link of yours is still being fetched. Try again in a few seconds."
OTHERS = "Many images are being read at the moment. Try again in a few seconds."


@contextmanager
def turn(person: int) -> Iterator[None]:
    """Wait for a turn, a few seconds. Raises `NotAnImage` with what to tell the person.

    Somebody who sends many at once has one decoded, one waiting, and the others turned away, so
    that they keep neither the processor nor the server's threads from their colleagues. However
    many people do so, a thread of each process is left to pages.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    with ExitStack() as waiting, ExitStack() as mine:
        _take_thread(mine)
        if not _taken(mine, [f"{person}"]):
            if not _taken(waiting, [f"{person}-next"]):
                raise NotAnImage(YOURS)
            _wait(mine, [f"{person}"], until, YOURS)
            waiting.close()
        _wait(mine, [f"any-{number}" for number in range(settings.DECODES_AT_ONCE)], until, OTHERS)
        yield


@contextmanager
def film() -> Iterator[bool]:
    """Whether this machine takes one more film in now; if so, that place is taken until the end."""
    with ExitStack() as mine:
        most = max(settings.Q_CLUSTER["workers"] // 2, 1)
        try:
            is_free = _taken(mine, [f"film-{number}" for number in range(most)])
        except OSError:
            is_free = True  # a disk that takes nothing is found, and told of, by what goes on
        yield is_free


@contextmanager
def fetching(person: int) -> Iterator[None]:
    """Fetch one link of a person, whose host may take its time. Raises `NotAnImage` at once."""
    with ExitStack() as mine:
        _take_thread(mine)
        if not _taken(mine, [f"{person}-link"]):
            raise NotAnImage(YOUR_LINK)
        yield


def _take_thread(held: ExitStack) -> None:
    try:
        held.enter_context(threads.one_for("pictures"))
    except threads.Busy as error:
        raise NotAnImage(OTHERS) from error


def _wait(held: ExitStack, names: Sequence[str], until: float, otherwise: str) -> None:
    while not _taken(held, names):
        if time.monotonic() > until:
            raise NotAnImage(otherwise)
        time.sleep(LOOK_SECONDS)


def _taken(held: ExitStack, names: Sequence[str]) -> bool:
    """One of these is ours from now on, until `held` is closed."""
    folder = Path(settings.TURNS_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        handle = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
        else:
            held.callback(os.close, handle)
            return True
    return False
