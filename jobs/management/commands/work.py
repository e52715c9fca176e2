"""Runs django-q2's cluster so that it stops when asked, however it is asked."""

import logging
import os
import signal
import threading
import time
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections

from jobs import carrier, database, queue, troubles
from jobs.machine.parents import die_with
from jobs.management import cluster, priority
from jobs.models import Heartbeat
from jobs.readiness import restored, starting
from jobs.vitals.heartbeats import Pulse

logger = logging.getLogger(__name__)

WATCH_SECONDS = 60
GRACE_SECONDS = 95
"""A little more than the queue lets a task live that sends something that is paid for, so that none
is in doubt for having been stopped. Longer ones, transfers of files, are begun anew.
"""


class Command(BaseCommand):
    help = "Runs the background workers until SIGTERM or Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--grace",
            type=float,
            default=GRACE_SECONDS,
            metavar="SECONDS",
            help="how long running tasks may take to finish once asked to stop "
            f"(default: {GRACE_SECONDS})",
        )

    def handle(self, *, grace: float, **_: Any) -> None:
        """Keeps the cluster in a session of its own, so that it can be killed as a whole.

        Whoever of the two is asked to stop, or both at once: it finishes what it is at.
        """
        starting.require()
        carrier.wait()
        restored.recognize()
        connections.close_all()  # the child must not share an open connection
        parent = os.getpid()
        main = os.fork()
        if main == 0:
            os.setsid()
            priority.behind_pages()
            die_with(parent, signal.SIGTERM)
            cluster.run(Pulse(Heartbeat.Part.WORKER))
            return

        threading.Thread(target=_watch, daemon=True).start()
        asked = False

        def stop(_signum: int, _frame: object) -> None:
            nonlocal asked
            if not asked:
                asked = True
                queue.stop()
                signal.setitimer(signal.ITIMER_REAL, grace)
                with suppress(ProcessLookupError):
                    os.kill(main, signal.SIGTERM)

        def kill(*_: object) -> None:
            with suppress(ProcessLookupError):
                os.killpg(main, signal.SIGKILL)

        signal.signal(signal.SIGALRM, kill)
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        status = os.waitpid(main, 0)[1]
        kill()  # a cluster whose main process was killed leaves its workers behind
        code = os.waitstatus_to_exitcode(status)
        if not asked:
            raise CommandError(f"The workers stopped by themselves (exit code {code}).")
        if code == -signal.SIGKILL:
            raise CommandError(f"The workers did not finish within {grace:g} s and were killed.")


def _watch() -> None:
    """Look after the follower, which looks after the workers: none can tell of its own death.

    In the process that only waits for its cluster, and only once a follower had the time to begin.
    """
    time.sleep(troubles.SILENT_SECONDS)
    while True:
        try:
            troubles.notice_follower()
        except Exception as error:  # noqa: BLE001  # logged there
            database.broke(error, logger, "looking for a follower broke")
        connection.close()
        time.sleep(WATCH_SECONDS)
