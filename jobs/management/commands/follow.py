from __future__ import annotations

import logging
import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import date
from functools import partial
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseProblem
from django.db import connection
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from jobs import feeds, follower, people, troubles
from jobs.management import priority
from jobs.management.attempting import attempt, broke
from jobs.management.night import do_nights_work, look_after_files
from jobs.models import Credential, Heartbeat, Job
from jobs.readiness import restored, starting
from jobs.vitals.heartbeats import Pulse

logger = logging.getLogger(__name__)

THREADS = 8
IN_FLIGHT = 4 * THREADS
"""Questions claimed at a time, so that none waits longer for a thread than its lease."""
ROUND_SECONDS = 0.2
"""Seconds until a callback makes us ask. A round with nothing due reads one small index."""
NOTCH_EVERY = 150
"""Rounds between two signs of life, by which a restored database is known."""
FEED_SECONDS = 60
"""Seconds between two looks for published prices that are due."""
TROUBLES_SECONDS = 60
"""Seconds between two looks for what needs an admin. The first one comes when workers had the time
to show that they work."""
PAUSE_LAST_SECONDS = 10
"""The longest of the growing pauses between rounds without a database."""
HANGS_UP_WITHIN = 30
"""Seconds for the threads of a single round to end what they have to end."""
DEAL_EVERY = 5
"""Rounds between two looks for what workers are to do next. A sweep has one of its own."""
SWEEP_EVERY = 10
"""Rounds between two sweeps for forgotten work; questions are looked for in every round."""


class Command(BaseCommand):
    requires_system_checks = []  # `starting` says in a sentence what they find
    help = "Follows outstanding jobs: asks the providers, wakes workers for forgotten work."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seconds", type=float, default=ROUND_SECONDS, help="pause between rounds"
        )
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def run_from_argv(self, argv: list[str]) -> None:
        # Only as a process of its own: whoever calls it from within has other things to do.
        priority.behind_pages()
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> None:
        starting.require()
        stopped = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopped.set()

        if not options["once"]:
            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)
        pulse = Pulse(Heartbeat.Part.FOLLOWER)
        audited: date | None = None
        look = Look()
        number, pause = 0, options["seconds"]
        with ThreadPoolExecutor(THREADS, thread_name_prefix="ask") as pool:
            under_way: set[Future[None]] = set()
            while not stopped.is_set():
                try:
                    under_way |= _look_around(number, pool, look)
                    # Never waits for a slow answer: what is new goes to the threads that are free.
                    under_way = {future for future in under_way if not future.done()}
                    due = follower.claim_due(limit=max(IN_FLIGHT - len(under_way), 0))
                    under_way |= {pool.submit(_ask, job) for job in follower.allowed(due)}
                    if audited != timezone.localdate():
                        # Before the work: what breaks tonight is not begun again every round.
                        audited = timezone.localdate()
                        under_way.add(pool.submit(look_after_files, stopped))
                        do_nights_work(pulse)
                    pulse.beat()
                except DatabaseProblem as error:
                    # The rows stay as they are; the next round finds them again.
                    broke(error, logger, "this round failed")
                    pause = min(2 * pause + 0.1, PAUSE_LAST_SECONDS)
                except Exception:
                    logger.exception("this round broke")
                else:
                    pause = options["seconds"]
                if options["once"]:
                    wait(under_way)
                    for _ in pool.map(_hang_up, [threading.Barrier(THREADS)] * THREADS):
                        pass
                    return
                number += 1
                stopped.wait(pause)


class Look:
    """For what needs an admin, and for published prices that are due, once a minute each."""

    def __init__(self) -> None:
        self._next = time.monotonic() + troubles.SILENT_SECONDS
        self._next_feeds = time.monotonic()

    def if_due(self, pool: ThreadPoolExecutor) -> set[Future[None]]:
        begun: set[Future[None]] = set()
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + TROUBLES_SECONDS
            begun.add(pool.submit(_notice_troubles))
        if time.monotonic() >= self._next_feeds:
            self._next_feeds = time.monotonic() + FEED_SECONDS
            begun |= {pool.submit(_read_prices, each) for each in feeds.claim_due()}
        return begun


def _look_around(number: int, pool: ThreadPoolExecutor, look: Look) -> set[Future[None]]:
    """Find what nobody is told of, as often as each of it is worth; what is under way for it."""
    if number % NOTCH_EVERY == 0:
        # Before the first sweep, which wakes workers for what it finds.
        restored.recognize()
    if number % SWEEP_EVERY == 0:
        return _sweep(pool) | look.if_due(pool)
    if number % DEAL_EVERY == 0:
        follower.deal()
    return set()


def _sweep(pool: ThreadPoolExecutor) -> set[Future[None]]:
    """Find what nobody is told of; the questions that are asked meanwhile."""
    follower.sweep()
    people.finish_leaving()
    keys, probes = follower.claim_keys(), follower.claim_probes()
    reading = {pool.submit(_read_balance, key) for key in keys}
    return reading | {pool.submit(_probe, key) for key in probes}


def _ask(job: Job) -> None:
    with bound_contextvars(job=str(job.pk)):
        # One odd answer must not end the following of all others; its lease brings it back.
        attempt(partial(follower.ask, job), "asking about job %s broke", job.pk)


def _notice_troubles() -> None:
    # Without workers it also mails, for which a mail server may take its time.
    attempt(troubles.notice_all, "looking for what needs an admin broke")


def _read_balance(credential: Credential) -> None:
    act = partial(follower.read_balance, credential)
    attempt(act, "reading the balance of %s broke", credential)


def _read_prices(provider: str) -> None:
    act = partial(feeds.read, provider)
    attempt(act, "reading the prices that %s publishes broke", provider)


def _probe(credential: Credential) -> None:
    act = partial(follower.probe, credential)
    attempt(act, "trying whether the provider of %s answers broke", credential)


def _hang_up(all_threads: threading.Barrier) -> None:
    # Each of them once: a quick one would take the turns of others, whose connections stayed open.
    all_threads.wait(HANGS_UP_WITHIN)
    connection.close()
