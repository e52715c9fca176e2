"""The functions that workers run: load by id, call a verb.

Arguments are ids only, since queue rows are readable by whoever reads the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.db import Error as DatabaseProblem
from structlog.contextvars import bound_contextvars

from jobs import (
    archive,
    batches,
    budget_warnings,
    database,
    lifecycle,
    lives,
    mail,
    people,
    queue,
    shares,
)
from jobs.archive import strays
from jobs.machine.outages import described
from jobs.readiness import restored

logger = logging.getLogger(__name__)

Task = Callable[[str], None]


def _about(what: str) -> Callable[[Task], Task]:
    """Name what the lines of the log are about meanwhile, unless the cluster was told to stop.

    A cluster that is told to stop still runs what it has dequeued, far more than it can finish. Its
    workers leave that alone: the rows stay due, and the follower wakes the next workers for them.
    So does what meets with a database that is away, which is no failure of each such task.
    """

    def wrap(task: Task) -> Task:
        @wraps(task)
        def run(row_id: str) -> None:
            if queue.is_stopping():
                return
            with bound_contextvars(**{what: row_id}):
                try:
                    task(row_id)
                except DatabaseProblem as error:
                    if not database.is_away(error):
                        raise
                    database.AWAY.noticed(described(error))

        return run

    return wrap


@_about("job")
def start(job_id: str) -> None:
    try:
        lifecycle.start(UUID(job_id))
    except lives.PutBack:
        # Restored while workers were running: nothing was sent, and nothing is until then.
        restored.recognize()
    _notice(UUID(job_id))


@_about("rendition")
def store(rendition_id: str) -> None:
    archive.store(UUID(rendition_id))


@_about("mailing")
def mail_news(mailing_id: str) -> None:
    mail.send_news(int(mailing_id))


@_about("host")
def tell_of_host(host_id: str) -> None:
    mail.send_host(int(host_id))


@_about("person")
def mail_link(person_id: str) -> None:
    # The link is made here: what goes through the queue can be read there.
    if made := people.password_links.for_mail(int(person_id)):
        mail.send_password_link(*made, hours=people.password_links.MAILED_HOURS)


@_about("link")
def mail_address_link(link_id: str) -> None:
    # As with passwords: the token is made here.
    if made := people.profile.link_for_mail(int(link_id)):
        link, token = made
        mail.send_address_link(link.person, link.email, token, hours=people.profile.HOURS)


@_about("event")
def tell_old_address(event_id: str) -> None:
    mail.tell_old_address(int(event_id))


@_about("event")
def tell_of_lost_factor(event_id: str) -> None:
    mail.tell_of_lost_factor(int(event_id))


@_about("batch")
def order_batch(batch_id: str) -> None:
    batches.go_on(UUID(batch_id))


def beat() -> None:
    """Nothing: that it was taken up is all that is asked for."""


def look_for_strays() -> None:
    if not queue.is_stopping():
        strays.look()


@_about("take")
def watermark(take_id: str) -> None:
    shares.draw(int(take_id))


def _notice(job_id: UUID) -> None:
    """Look at the budgets that the job was taken from, here, where nobody waits for the answer."""
    try:
        budget_warnings.notice(job_id)
    except Exception as error:  # noqa: BLE001  # logged there
        # The night looks at all budgets again; the sending of a job must not seem to have failed.
        database.broke(error, logger, "the budgets of job %s could not be looked at", job_id)
