"""Sees to it that files are kept and removed only where those of this database lie.

A disk that is not mounted leaves a folder that can be written to, and whatever is kept there is
gone as soon as the disk is back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from jobs.archive.kept.away import Unreachable
from jobs.machine.outages import Outage

_required: list[str] = []
_believed_until = [0.0]
_disk = Outage(
    logging.getLogger(__name__),
    "%s is not the folder of this database any more: is its disk mounted? Nothing is stored or "
    "removed until it is.",
    "The disk for videos is back.",
    level=logging.CRITICAL,
)


class Elsewhere(OSError):
    """What lies where files are kept is not ours: the disk is not mounted, or another one is."""

    def __init__(self) -> None:
        super().__init__("the disk for videos is not mounted on the server")


def expect(number: str) -> None:
    """From now on the nameplate must have this id, for this process and all that it forks."""
    _required[:] = [number]
    _believed_until[0] = 0


def expect_any() -> None:
    """Look at no nameplate, as before anything was expected."""
    _required.clear()


def require(read: Callable[[], str], whereabouts: Callable[[], str], lasts: float = 0) -> None:
    """Raise `Elsewhere` where `read` does not give the id that is expected; said once in the log.

    As soon as the disk is back all goes on. What was found is believed for `lasts` seconds. Raises
    `Unreachable` where a bucket does not answer.
    """
    if not _required or time.monotonic() < _believed_until[0]:
        return
    try:
        is_ours = read() in _required
    except Unreachable:
        raise
    except OSError:
        is_ours = False
    if is_ours:
        _believed_until[0] = time.monotonic() + lasts if lasts else 0
        _disk.over()
        return
    _disk.noticed(whereabouts())
    raise Elsewhere
