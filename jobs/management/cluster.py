"""django-q2's cluster as we run it: its workers show that they work."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress
from typing import Any

from django.db import Error as DatabaseProblem
from django.db import connection
from django_q.signals import post_spawn, pre_execute

from jobs import heartbeats
from jobs.heartbeats import Pulse


def show_work(pulse: Pulse) -> None:
    """Have each worker that this process forks beat when it takes something up, and while it is
    at it.
    """

    def spawned(**_: Any) -> None:
        threading.Thread(target=_beat_at_work, args=(pulse,), daemon=True).start()

    def taken_up(**_: Any) -> None:
        _beat(pulse)

    post_spawn.connect(spawned, weak=False)
    pre_execute.connect(taken_up, weak=False)


def _beat_at_work(pulse: Pulse) -> None:
    while True:
        time.sleep(heartbeats.EVERY_SECONDS)
        # The alarm that ends a task is set for as long as a worker is at one, and may be.
        if signal.getitimer(signal.ITIMER_REAL)[0]:
            _beat(pulse)
            connection.close()


def _beat(pulse: Pulse) -> None:
    # Without a database there is no heartbeat, which says so by itself.
    with suppress(DatabaseProblem):
        pulse.beat()
