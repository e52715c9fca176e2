"""Deals out to the workers what is due: of each kind something, of each account its oldest.

Wake-ups are read in the order in which they were sent. So few are unread at a time, however much
waits in the rows: a new order, or a film that was just finished, stands behind seconds of work. And
nobody is woken for what its account could not send yet.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from jobs import archive, carrier, queue
from jobs.credentials import rates
from jobs.models import Job, Rendition, prepared
from jobs.models.jobs.job_set import ACCOUNT
from jobs.times import clock

logger = logging.getLogger(__name__)

UNREAD_FOR_EACH_WORKER = 8
"""Wake-ups that may be unread for each worker of this machine: none of them shall run dry."""
WAKE_AGAIN_SECONDS = 30


def deal() -> None:
    """Wake workers for what is due, as far as they have little else to read.

    A few films, since few are fetched at a time; then orders.
    """
    films = prepared.rows("films due", lambda: Rendition.objects.due().values_list("pk")[:1])
    orders = prepared.rows("orders due", lambda: Job.objects.forgotten().values_list("pk")[:1])
    if not films and not orders:
        return
    unread, workers = carrier.length(), settings.Q_CLUSTER["workers"]
    if unread is None:
        return
    room = UNREAD_FOR_EACH_WORKER * workers - unread
    if films and room > 0:
        room -= _deal_films(min(workers, room))
    if orders and room > 0:
        _deal_orders(room)


def _deal_films(number: int) -> int:
    """Files to fetch, those included whose worker did not finish within its lease; how many."""
    due, dealt = Rendition.objects.due(), 0
    waiting = queue.without_wake_up(due, "try_at").fairly()
    for rendition_id in list(waiting.values_list("pk", flat=True)[:number]):
        with transaction.atomic():
            rows = due.filter(pk=rendition_id)
            if archive.give_up(rendition_id):
                logger.critical("rendition %s could not be stored", rendition_id)
            elif rows.update(state=Rendition.State.WAITING, try_at=clock.after(WAKE_AGAIN_SECONDS)):
                queue.store(rendition_id)
                dealt += 1
    return dealt


def _deal_orders(room: int) -> None:
    """The oldest of each account that it may send now, then the second of each, and so on.

    Whether it may, the claim decides; this only wakes nobody in vain.
    """
    forgotten = Job.objects.forgotten()
    waiting = queue.without_wake_up(forgotten, "wake_at")
    slots = rates.free_slots(waiting)
    turn = Window(RowNumber(), partition_by=F("account"), order_by=["created_at", "pk"])
    rows = waiting.annotate(account=ACCOUNT).filter(account__in=slots).annotate(turn=turn)
    # Each account has one slot at least, so among so many there is enough to fill the room.
    rows = rows.order_by("turn", "created_at", "pk")[: room * max(slots.values())]
    fitting = [
        pk
        for pk, account, nth in rows.values_list("pk", "account", "turn")
        if nth <= slots[account]
    ]
    for job_id in fitting[:room]:
        with transaction.atomic():
            due = forgotten.filter(pk=job_id)
            if due.update(wake_at=clock.after(WAKE_AGAIN_SECONDS)):
                queue.start(job_id)
