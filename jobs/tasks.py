"""The functions that workers run: load by id, call a verb.

Arguments are ids only, since queue rows are readable by whoever reads the database.
"""

from __future__ import annotations

import logging
from uuid import UUID

from jobs import archive, batches, forecast, lifecycle, mail, people, queue, shares

logger = logging.getLogger(__name__)

# A cluster that is told to stop still runs what it has dequeued, far more than it can finish. Its
# workers leave that alone: the rows stay due, and the follower wakes the next workers for them.


def start(job_id: str) -> None:
    if not queue.is_stopping():
        lifecycle.start(UUID(job_id))
        _notice(UUID(job_id))


def store(rendition_id: str) -> None:
    if not queue.is_stopping():
        archive.store(UUID(rendition_id))


def mail_news(mailing_id: str) -> None:
    if not queue.is_stopping():
        mail.send_news(int(mailing_id))


def tell_of_host(host_id: str) -> None:
    if not queue.is_stopping():
        mail.send_host(int(host_id))


def mail_link(person_id: str) -> None:
    # The link is made here: what goes through the queue can be read there.
    if not queue.is_stopping() and (made := people.password_links.for_mail(int(person_id))):
        mail.send_password_link(*made, hours=people.password_links.MAILED_HOURS)


def mail_address_link(link_id: str) -> None:
    # As with passwords: the token is made here.
    if not queue.is_stopping() and (made := people.profile.link_for_mail(int(link_id))):
        link, token = made
        mail.send_address_link(link.person, link.email, token, hours=people.profile.HOURS)


def tell_old_address(event_id: str) -> None:
    if not queue.is_stopping():
        mail.tell_old_address(int(event_id))


def tell_of_lost_factor(event_id: str) -> None:
    if not queue.is_stopping():
        mail.tell_of_lost_factor(int(event_id))


def order_batch(batch_id: str) -> None:
    if not queue.is_stopping():
        batches.go_on(UUID(batch_id))


def watermark(take_id: str) -> None:
    if not queue.is_stopping():
        shares.draw(int(take_id))


def _notice(job_id: UUID) -> None:
    """Look at the budgets that the job was taken from, here, where nobody waits for the answer."""
    try:
        forecast.notice(job_id)
    except Exception:
        # The night looks at all budgets again; the sending of a job must not seem to have failed.
        logger.exception("the budgets of job %s could not be looked at", job_id)
