"""Signs of life: somebody takes wake-ups off the queue, and somebody follows what is outstanding.

One small row for each `manage.py work` and `manage.py follow`, by the database's clock. That of the
workers is left by a worker which takes something up, so it proves the whole way from the broker to
the database; where there is nothing to do, the follower sends something that does nothing.
"""

from __future__ import annotations

import mmap
import os
import socket
import struct
import time
from datetime import datetime, timedelta

from django.db.models import Max
from django.db.models.functions import Now

from jobs import queue
from jobs.models import Heartbeat
from jobs.times import clock

EVERY_SECONDS = 12
"""Seconds between two beats of a process, at least: each is a write."""
ASK_SECONDS = 15
"""Seconds without a beat of any worker after which the follower asks for one."""
ALIVE_SECONDS = 60
"""Seconds for which a beat tells that its process is at work."""
ASKED_SECONDS = ALIVE_SECONDS - 2 * EVERY_SECONDS
"""Seconds that a follower goes on without one of any worker, until it is plain that none works."""
KEPT_SECONDS = 3600


class Pulse:
    """The heartbeat of this process and of all that it forks, which share one row."""

    def __init__(self, part: Heartbeat.Part) -> None:
        host = socket.gethostname()[:80]
        self._row = {"part": part, "process": f"{host}:{os.getpid()}"}
        self._shared = mmap.mmap(-1, 8)
        self._last = -float("inf")

    @property
    def _last(self) -> float:
        latest: float = struct.unpack("d", self._shared[:])[0]
        return latest

    @_last.setter
    def _last(self, moment: float) -> None:
        self._shared[:] = struct.pack("d", moment)

    def beat(self) -> None:
        """Leave a sign of life, unless there was one just now."""
        if time.monotonic() < self._last + EVERY_SECONDS:
            return
        self._last = time.monotonic()
        if not Heartbeat.objects.filter(**self._row).update(beat_at=Now()):
            # A process that starts clears away after those that are gone.
            Heartbeat.objects.filter(beat_at__lt=clock.after(-KEPT_SECONDS)).delete()
            Heartbeat.objects.bulk_create([Heartbeat(**self._row)], ignore_conflicts=True)


def ask_workers() -> None:
    """Have a worker show that it works where none did of late, and nothing waits to be taken up."""
    if not _beating(Heartbeat.Part.WORKER, ASK_SECONDS) and queue.is_read():
        queue.beat()


def alive() -> dict[str, bool | None]:
    """Of each part whether it is at work; None where nobody can know, since nobody asks it."""
    follower = _beating(Heartbeat.Part.FOLLOWER, ALIVE_SECONDS)
    worker = _beating(Heartbeat.Part.WORKER, ALIVE_SECONDS)
    if worker or not follower:
        return {"follower": follower, "worker": worker or None}
    beats = latest()
    heard = beats.get(Heartbeat.Part.WORKER)
    # A follower that has just died has not asked for as long as its own beat still counts.
    asked = beats[Heartbeat.Part.FOLLOWER] - heard if heard else timedelta.max
    return {"follower": True, "worker": False if asked.total_seconds() > ASKED_SECONDS else None}


def latest() -> dict[str, datetime]:
    """The moment of the latest beat of each part that was heard of within the hour."""
    return dict(Heartbeat.objects.order_by().values_list("part").annotate(Max("beat_at")))


def _beating(part: Heartbeat.Part, seconds: int) -> bool:
    return Heartbeat.objects.filter(part=part, beat_at__gt=clock.after(-seconds)).exists()
