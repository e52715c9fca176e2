"""What the follower does once a day, after midnight: it tidies, proves and looks ahead."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.db import connection
from django.utils import timezone
from django_q.models import Failure

from jobs import (
    budget_warnings,
    follower,
    keeping,
    ledger,
    limits,
    mail,
    news,
    shares,
    statements,
    troubles,
)
from jobs.archive import strays, verify
from jobs.archive.intake import images
from jobs.archive.kept import near
from jobs.archive.kept.away import Unreachable
from jobs.archive.results import hosts
from jobs.management.attempting import attempt
from jobs.sessions import SessionStore
from jobs.vitals.heartbeats import Pulse

logger = logging.getLogger(__name__)

KEEP_FAILURES = timedelta(days=30)


def do_nights_work(pulse: Pulse) -> None:
    """All of it but what is done to files, which may take hours."""
    for part in (
        _forget_old,
        limits.tidy,
        news.tidy,
        mail.tidy,
        troubles.tidy,
        ledger.open_periods,
        _prove_ledger,
        follower.give_up,
        budget_warnings.notice_all,
        hosts.tell_again,
        statements.close_due,
    ):
        _nightly(part)
        _nightly(pulse.beat)  # all of them together may take minutes


def _nightly(part: Callable[[], object]) -> None:
    # One part must not keep the others from their work, and is tried again tomorrow.
    attempt(part, "a part of the night's work broke")


def _forget_old() -> None:
    SessionStore.clear_expired()
    Failure.objects.filter(stopped__lt=timezone.now() - KEEP_FAILURES).delete()


def _prove_ledger() -> None:
    for mismatch in ledger.check():
        logger.critical("the ledger does not add up: %s", mismatch.text)


def look_after_files(stopped: threading.Event) -> None:
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
