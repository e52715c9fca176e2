"""Runs django-q2's cluster so that it stops when asked, however it is asked."""

import ctypes
import os
import signal
import sys
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from jobs import queue, starting
from jobs.heartbeats import Pulse
from jobs.management.cluster import show_work
from jobs.models import Heartbeat

PR_SET_PDEATHSIG = 1  # of Linux' prctl(2)


class Command(BaseCommand):
    help = "Runs the background workers until SIGTERM or Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--grace",
            type=float,
            default=60,
            metavar="SECONDS",
            help="how long running tasks may take to finish once asked to stop (default: 60)",
        )

    def handle(self, *, grace: float, **_: Any) -> None:
        """Keeps the cluster in a session of its own.

        Asked through its process group, as terminals and honcho do, all of the cluster's processes
        would die at once and its guard would wait for ever. Only its main process may be told.
        """
        starting.require()
        queue.wait_for_broker()
        connections.close_all()  # the child must not share an open connection
        parent = os.getpid()
        cluster = os.fork()
        if cluster == 0:
            os.setsid()
            die_with(parent)
            show_work(Pulse(Heartbeat.Part.WORKER))
            call_command("qcluster")
            return

        asked = False

        def stop(_signum: int, _frame: object) -> None:
            nonlocal asked
            if not asked:
                asked = True
                queue.stop()
                signal.setitimer(signal.ITIMER_REAL, grace)
                os.kill(cluster, signal.SIGTERM)

        def kill(*_: object) -> None:
            with suppress(ProcessLookupError):
                os.killpg(cluster, signal.SIGKILL)

        signal.signal(signal.SIGALRM, kill)
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        status = os.waitpid(cluster, 0)[1]
        kill()  # a cluster whose main process was killed leaves its workers behind
        code = os.waitstatus_to_exitcode(status)
        if not asked:
            raise CommandError(f"The workers stopped by themselves (exit code {code}).")
        if code == -signal.SIGKILL:
            raise CommandError(f"The workers did not finish within {grace:g} s and were killed.")


def die_with(parent: int) -> None:
    """Asks Linux to stop this process when `parent` dies, even by SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we could ask
            sys.exit(1)
