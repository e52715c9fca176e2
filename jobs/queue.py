"""Wakes workers up: the only caller of django-q2.

The rows are the queue of record. A wake-up that is lost costs seconds, never work: the follower
finds the row again. One that is unread is not sent again, so that the queue never holds more than
there is to do. Tasks are named by dotted string, since tasks call verbs and verbs wake tasks.
"""

from __future__ import annotations

import mmap
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseProblem
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.signing import BadSignature, SignedPackage
from django_q.tasks import async_task

from jobs import carrier
from jobs.machine.outages import described

START = "jobs.tasks.start"
STORE = "jobs.tasks.store"
WATERMARK = "jobs.tasks.watermark"
TELL_OF_HOST = "jobs.tasks.tell_of_host"
MAIL_LINK = "jobs.tasks.mail_link"
MAIL_ADDRESS_LINK = "jobs.tasks.mail_address_link"
TELL_OLD_ADDRESS = "jobs.tasks.tell_old_address"
MAIL_NEWS = "jobs.tasks.mail_news"
TELL_OF_LOST_FACTOR = "jobs.tasks.tell_of_lost_factor"
ORDER_BATCH = "jobs.tasks.order_batch"
BEAT = "jobs.tasks.beat"
LOOK_FOR_STRAYS = "jobs.tasks.look_for_strays"
TASKS = (
    *(START, STORE, WATERMARK, ORDER_BATCH, BEAT, LOOK_FOR_STRAYS),
    *(MAIL_NEWS, MAIL_LINK, MAIL_ADDRESS_LINK),
    *(TELL_OF_HOST, TELL_OF_LOST_FACTOR, TELL_OLD_ADDRESS),
)
FIRST_WAKE_UP_SECONDS = 10
"""Seconds that the first wake-up of a row is given before the follower sends another."""
UNREAD_MAX = 64
"""Unread wake-ups beyond which orders and films wait for their turn among all: whoever else orders
something waits for no more than these to be read.
"""
UPLOAD_SECONDS = 600
"""Seconds that sending one film to a bucket may take."""
STORE_SECONDS = 990 + UPLOAD_SECONDS
"""Seconds that a worker may take over one file: more than its transfer, a look at it and, where it
is kept in a bucket, sending it there may."""
WATERMARK_SECONDS = 900
"""Seconds for one watermark: some minutes of 4K."""
Rows = TypeVar("Rows", bound="QuerySet[Any]")
EVER = datetime.min.replace(tzinfo=UTC)
_told_to_stop = mmap.mmap(-1, 1)
"""One byte that a process shares with all that it forks: `manage.py work` with its workers."""


def stop() -> None:
    """Let this process' workers begin nothing more. They finish what they are at."""
    _told_to_stop[0] = 1


def is_stopping() -> bool:
    return _told_to_stop[0] == 1


def start(job_id: UUID) -> None:
    """Have a worker send this queued job to its provider.

    Where very much is unread, the follower does so in its turn.
    """
    _wake(START, job_id, may_wait=True)


def store(rendition_id: UUID) -> None:
    """Have a worker fetch this finished file into our storage; of many the follower, in turn."""
    _wake(STORE, rendition_id, may_wait=True, timeout=STORE_SECONDS)


def mail_news(mailing_id: int) -> None:
    """Have a worker send this e-mail about somebody's news."""
    _wake(MAIL_NEWS, mailing_id)


def tell_of_host(host_id: int) -> None:
    """Have a worker tell the admins by e-mail of a host that they have yet to allow."""
    _wake(TELL_OF_HOST, host_id)


def mail_link(person_id: int) -> None:
    """Have a worker mail this person a link for a new password; 0 is nobody, and takes as long."""
    _wake(MAIL_LINK, person_id)


def mail_address_link(link_id: int) -> None:
    """Have a worker mail this link to the address that it confirms."""
    _wake(MAIL_ADDRESS_LINK, link_id)


def tell_old_address(event_id: int) -> None:
    """Have a worker tell somebody's old address that they have another one, or none."""
    _wake(TELL_OLD_ADDRESS, event_id)


def tell_of_lost_factor(event_id: int) -> None:
    """Have a worker tell somebody by e-mail that this event took away their second factor."""
    _wake(TELL_OF_LOST_FACTOR, event_id)


def order_batch(batch_id: UUID) -> None:
    """Have a worker order the rows of this confirmed batch."""
    _wake(ORDER_BATCH, batch_id)


def watermark(take_id: int) -> None:
    """Have a worker draw the watermark into the copy of this shared take."""
    _wake(WATERMARK, take_id, timeout=WATERMARK_SECONDS)


def beat() -> None:
    """Have a worker show that it works."""
    _wake(BEAT)


def look_for_strays() -> None:
    """Have a worker look for films that no row knows."""
    _wake(LOOK_FOR_STRAYS, timeout=STORE_SECONDS)


def forget() -> None:
    """Forget the wake-ups that came with a restored database. Its rows are found without them."""
    if settings.Q_BROKER == "orm":
        OrmQ.objects.all().delete()


def is_read() -> bool:
    """Every wake-up that was sent has been taken off the queue, or is lost."""
    return _unread_since() is None


def unwoken(rows: QuerySet[Any], due: str, at_once: int) -> list[Any]:
    """The keys of those of these rows that no unread wake-up is for, what is due longest first."""
    # Mostly none is due, and then nobody is asked what is unread.
    waiting = without_wake_up(rows, due) if rows.exists() else rows.none()
    return list(waiting.order_by(due, "pk").values_list("pk", flat=True)[:at_once])


def without_wake_up(rows: Rows, due: str) -> Rows:
    """Those of these rows that no unread wake-up is for.

    `due` names the moment at which a row is to be woken. A wake-up is sent before that moment, or
    moves it on: so what was due before the oldest unread one was sent has none among the unread.
    """
    since = _unread_since()
    if since is None:
        return rows
    return rows.none() if since == EVER else rows.filter(**{f"{due}__lt": since})


def _unread_since() -> datetime | None:
    """The moment at which the oldest unread wake-up was sent; None where none is unread.

    Where the broker does not answer nobody is to be woken: as if all had been unread for ever.
    """
    if carrier.AWAY.holds_off:
        return EVER
    try:
        oldest = _oldest_unread()
    except DatabaseProblem:
        raise
    except Exception as error:  # noqa: BLE001  # whatever the broker raises
        carrier.AWAY.noticed(described(error))
        return EVER
    carrier.AWAY.over()
    if oldest is None:
        return None
    try:
        sent: datetime = SignedPackage.loads(oldest)["started"]
    except BadSignature:
        return EVER  # signed with another SECRET_KEY: the workers drop it
    return sent


def _oldest_unread() -> str | bytes | None:
    broker = get_broker()
    first: str | bytes | None
    if settings.Q_BROKER == "orm":
        unread = broker.get_connection().filter(key=broker.list_key, lock__lte=timezone.now())
        first = unread.order_by("pk").values_list("payload", flat=True).first()
    else:
        first = broker.connection.lindex(broker.list_key, 0)
    return first


def _wake(task: str, *row_ids: UUID | int, may_wait: bool = False, **options: Any) -> None:
    """`may_wait`: the follower finds its row, and deals it out in turn where much is unread."""
    ids = [str(row_id) for row_id in row_ids]
    if settings.Q_BROKER != "orm":
        transaction.on_commit(lambda: _wake_elsewhere(task, ids, options, may_wait=may_wait))
    elif not (may_wait and OrmQ.objects.all()[UNREAD_MAX : UNREAD_MAX + 1].exists()):
        # Same database, same transaction: the row and its wake-up commit together.
        async_task(task, *ids, **options)


def _wake_elsewhere(task: str, ids: list[str], options: dict[str, Any], *, may_wait: bool) -> None:
    if carrier.AWAY.holds_off:
        return
    try:
        if not (may_wait and get_broker().queue_size() > UNREAD_MAX):
            async_task(task, *ids, **options)
    except Exception as error:  # noqa: BLE001  # whatever the broker raises
        carrier.AWAY.noticed(described(error))
    else:
        carrier.AWAY.over()
