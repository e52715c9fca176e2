"""django-q2's cluster as we run it: its workers show that they work, and leave signals to others.

Asked to stop all at once, as systemd and terminals do, django-q2's guard and workers would die of
the signal with paid requests in their hands, and its main process would wait for them for ever.
Only the latter may hear it; the others are told by it, and finish what they are at.
"""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress
from typing import Any

from django.db import Error as DatabaseProblem
from django.db import connection
from django_q import cluster
from django_q.monitor import monitor
from django_q.pusher import pusher
from django_q.signals import post_spawn, pre_execute

from jobs import carrier, queue
from jobs.vitals import heartbeats
from jobs.vitals.heartbeats import Pulse

PAUSE_FIRST_SECONDS = 0.5


class Guard(cluster.Sentinel):  # type: ignore[misc]  # django-q2 carries no types
    """What starts the workers, the pusher and the monitor, and watches over them."""

    def start(self) -> None:
        # Whatever it forks inherits this.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        super().start()

    def spawn_pusher(self) -> Any:
        return self.spawn_process(push, self.task_queue, self.event_out, self.broker)

    def spawn_monitor(self) -> Any:
        return self.spawn_process(look_on, self.result_queue, self.broker)

    def reincarnate(self, process: Any) -> None:
        super().reincarnate(process)
        if process.is_alive():
            # It hangs over a task whose time is up, and does not hear SIGTERM.
            process.kill()
            process.join(1)


class Cluster(cluster.Cluster):  # type: ignore[misc]
    """The main process, which can be asked to stop any number of times."""

    _asked = False

    def sig_handler(self, signum: int, frame: object) -> None:
        # A second signal that came while the first one stops it would wait for that for ever.
        if not self._asked:
            self._asked = True
            queue.stop()
            super().sig_handler(signum, frame)


class PatientBroker:
    """A broker that hands out nothing while it is away, and takes nothing back; django-q2 would let
    those die of it who ask, and start others, as long as that lasts.
    """

    def __init__(self, broker: Any, stopped: Any) -> None:
        self._broker, self._stopped, self._pause = broker, stopped, PAUSE_FIRST_SECONDS

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    def dequeue(self) -> Any:
        try:
            tasks = self._broker.dequeue()
        except Exception as error:  # noqa: BLE001  # whatever the broker raises
            carrier.broke(error)
            self._stopped.wait(self._pause)
            self._pause = min(2 * self._pause, carrier.PAUSE_LAST_SECONDS)
            return None
        carrier.answered()
        self._pause = PAUSE_FIRST_SECONDS
        return tasks

    def acknowledge(self, task_id: Any) -> None:
        """Where it cannot be done, what was done is read once more, and found done."""
        try:
            self._broker.acknowledge(task_id)
        except Exception as error:  # noqa: BLE001  # whatever the broker raises
            carrier.broke(error)


def push(task_queue: Any, stopped: Any, broker: Any) -> None:
    """Take wake-ups off the broker for the workers, until it is told to stop."""
    pusher(task_queue, stopped, PatientBroker(broker, stopped))


def look_on(result_queue: Any, broker: Any) -> None:
    """Take what was done off the broker for good, until it is told to stop."""
    monitor(result_queue, PatientBroker(broker, threading.Event()))


def run(pulse: Pulse) -> None:
    """Start the workers, which beat for `pulse`; this process ends when it is asked to."""
    _show_work(pulse)
    cluster.Sentinel = Guard  # there is no setting for it
    Cluster().start()


def _show_work(pulse: Pulse) -> None:
    """Have each worker that is forked beat when it takes something up, and while it is at it."""

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
