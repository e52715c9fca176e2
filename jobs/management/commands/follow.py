from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import date, timedelta
from functools import partial
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseProblem
from django.db import connection
from django.utils import timezone
from django_q.models import Failure
from structlog.contextvars import bound_contextvars

from jobs import (
    database,
    feeds,
    follower,
    keeping,
    ledger,
    limits,
    mail,
    news,
    people,
    shares,
    statements,
    troubles,
)
from jobs.archive import strays, verify
from jobs.archive.intake import images
from jobs.archive.kept import near
from jobs.archive.kept.away import Unreachable
from jobs.archive.results import hosts
from jobs.ledger import forecast
from jobs.models import Credential, Heartbeat, Job
from jobs.readiness import restored, starting
from jobs.sessions import SessionStore
from jobs.vitals.heartbeats import Pulse

logger = logging.getLogger(__name__)

THREADS = 8
KEEP_FAILURES = timedelta(days=30)
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
                        under_way.add(pool.submit(_look_after_files, stopped))
                        _do_nights_work(pulse)
                    pulse.beat()
                except DatabaseProblem as error:
                    # The rows stay as they are; the next round finds them again.
                    _broke(error, "this round failed")
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


def _broke(error: Exception, said: str, *facts: object) -> None:
    """Log it. A connection on which the database failed may be to one that is gone for good, and
    count as usable all the same.
    """
    database.broke(error, logger, said, *facts)
    if isinstance(error, DatabaseProblem):
        connection.close()
    else:
        connection.close_if_unusable_or_obsolete()


def _attempt(act: Callable[[], object], said: str, *facts: object) -> None:
    """Do one thing; whatever breaks it keeps nothing else from its turn."""
    # Each thread has a connection of its own. Of one that a restarted database has left the next
    # query makes a new one, instead of losing what it was to tell.
    connection.close_if_unusable_or_obsolete()
    try:
        act()
    except Exception as error:  # noqa: BLE001  # logged there
        _broke(error, said, *facts)


def _ask(job: Job) -> None:
    with bound_contextvars(job=str(job.pk)):
        # One odd answer must not end the following of all others; its lease brings it back.
        _attempt(partial(follower.ask, job), "asking about job %s broke", job.pk)


def _notice_troubles() -> None:
    # Without workers it also mails, for which a mail server may take its time.
    _attempt(troubles.notice_all, "looking for what needs an admin broke")


def _read_balance(credential: Credential) -> None:
    act = partial(follower.read_balance, credential)
    _attempt(act, "reading the balance of %s broke", credential)


def _read_prices(provider: str) -> None:
    act = partial(feeds.read, provider)
    _attempt(act, "reading the prices that %s publishes broke", provider)


def _probe(credential: Credential) -> None:
    act = partial(follower.probe, credential)
    _attempt(act, "trying whether the provider of %s answers broke", credential)


def _do_nights_work(pulse: Pulse) -> None:
    for part in (
        _forget_old,
        limits.tidy,
        news.tidy,
        mail.tidy,
        troubles.tidy,
        ledger.open_periods,
        _prove_ledger,
        follower.give_up,
        forecast.notice_all,
        hosts.tell_again,
        statements.close_due,
    ):
        _nightly(part)
        _nightly(pulse.beat)  # all of them together may take minutes


def _nightly(part: Callable[[], object]) -> None:
    # One part must not keep the others from their work, and is tried again tomorrow.
    _attempt(part, "a part of the night's work broke")


def _forget_old() -> None:
    SessionStore.clear_expired()
    Failure.objects.filter(stopped__lt=timezone.now() - KEEP_FAILURES).delete()


def _prove_ledger() -> None:
    for mismatch in ledger.check():
        logger.critical("the ledger does not add up: %s", mismatch.text)


def _look_after_files(stopped: threading.Event) -> None:
    """Do the night's work on the disk, for as long as that may take."""
    tidying = (keeping.purge_due, images.remove_unused, strays.look, shares.tidy, near.tidy)
    for part in (*tidying, partial(_verify, stopped)):
        _nightly(part)
    connection.close()


def _verify(stopped: threading.Event) -> None:
    """Tonight's share of the archive."""
    try:
        for text in verify.check(verify.tonight(), lambda: not stopped.is_set()):
            logger.error("%s", text)
    except (verify.FilesMissing, Unreachable) as error:
        logger.critical("%s", error)


def _hang_up(all_threads: threading.Barrier) -> None:
    # Each of them once: a quick one would take the turns of others, whose connections stayed open.
    all_threads.wait(HANGS_UP_WITHIN)
    connection.close()
