"""How an attempt at a file ends that did not store it: closed for good, or put off."""

from __future__ import annotations

import logging
import random

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from jobs import news
from jobs.archive.announcing import hold, show
from jobs.archive.fetching import lease
from jobs.archive.results import hosts
from jobs.models import Rendition
from jobs.times import clock

logger = logging.getLogger(__name__)

PAUSE_FIRST_SECONDS = 60
PAUSE_LAST_SECONDS = 6 * 3600
BUCKET_SECONDS = 60
"""Between two tries to send a film that lies here already."""
DISK_SECONDS = 300
"""Between two tries to fetch a film for which the disk has no room, which asks its provider too."""


def close(rendition: Rendition, state: Rendition.State, problem: str) -> None:
    """Nothing more is tried: somebody has to look."""
    with transaction.atomic():
        hold(rendition)
        if not lease.held(rendition).update(state=state, try_at=None, problem=problem[:300]):
            return
        show(rendition, closed_at=None, closed_by=None)
        news.lost_file(rendition)
    # A paid video that nobody will see: somebody has to look.
    logger.error("rendition %s is %s: %s", rendition.pk, state, problem)


def wait_for_bucket(rendition: Rendition, problem: str) -> None:
    """Try again soon, however often that was: what is here is lost to nobody meanwhile."""
    # That the bucket is away is said once, and not of each film that waits for it.
    logger.info("rendition %s waits for its bucket: %s", rendition.pk, problem)
    _wait(rendition, problem, BUCKET_SECONDS)


def wait_for_disk(rendition: Rendition, problem: str) -> None:
    """Try again soon, however often that was: it is our own disk that has no room for it."""
    logger.warning("rendition %s waits for the disk: %s", rendition.pk, problem)
    _wait(rendition, problem, DISK_SECONDS)


def _wait(rendition: Rendition, problem: str, seconds: float) -> None:
    """An attempt that counts for nothing, and makes no later pause longer."""
    moment = clock.after(seconds * random.uniform(0.5, 1.0))  # noqa: S311
    with transaction.atomic():
        hold(rendition)
        if lease.held(rendition).update(
            state=Rendition.State.WAITING,
            try_at=moment,
            not_before=moment,
            problem=problem[:300],
            attempts=F("attempts") - 1,
        ):
            show(rendition)


def put_off(rendition: Rendition, problem: str, missing_host: str = "") -> None:
    """Try again later, for as long as the provider keeps it."""
    finished, retention = rendition.job.finished_at, rendition.job.retention
    if finished and timezone.now() - finished > retention:
        # The provider keeps nothing any longer, so nothing is left to wait for.
        close(
            rendition,
            Rendition.State.EXPIRED,
            f"Not stored within {retention.days} days: {problem}",
        )
        return
    logger.warning("rendition %s put off: %s", rendition.pk, problem)
    pause = min(PAUSE_FIRST_SECONDS * 2 ** (rendition.attempts - 1), PAUSE_LAST_SECONDS)
    if missing_host:
        # The follower wakes it once the host is listed; meanwhile a link may lead elsewhere again.
        pause = PAUSE_LAST_SECONDS
    moment = clock.after(pause * random.uniform(1.0, 1.2))  # noqa: S311
    with transaction.atomic():
        hold(rendition)
        if not lease.held(rendition).update(
            state=Rendition.State.WAITING,
            try_at=moment,
            not_before=moment,
            problem=problem[:300],
            missing_host=missing_host,
            # Nobody was asked, so it counts for nothing, however long the list lacks the host.
            attempts=F("attempts") - int(bool(missing_host)),
        ):
            return
        if missing_host:
            hosts.note(missing_host)
        show(rendition)
