"""Order the rows of a confirmed batch, each once, whoever goes on with it and however often."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now

from jobs import lifecycle, queue
from jobs.letters import isolated
from jobs.lifecycle import NotSubmitted, Submission, TooManyOrders
from jobs.models import Batch, BatchRow, Job, User
from jobs.times import clock

BATCHES_AT_ONCE = 16
WAKE_AGAIN_SECONDS = 30
PAUSE_SECONDS = 60
PASSING = ("limit", "disk", "database")
"""The causes of a refusal that are over in a while, whatever the row is: the rows wait."""


class _RowRefused(Exception):
    """A row of a batch of which all or nothing is to be ordered."""

    def __init__(self, row: BatchRow, error: NotSubmitted) -> None:
        super().__init__(error.user_message)
        self.trouble = f"Row {row.number}: {error.user_message}"


def go_on(batch_id: UUID) -> None:
    """Order what waits of a batch; nothing where nothing does."""
    batch = Batch.objects.select_related("owner").filter(pk=batch_id).first()
    if batch is None or batch.state != Batch.State.ORDERING:
        return
    if why := _why_not(batch):
        _refuse_rest(batch, why)
    elif batch.choice == Batch.Choice.ALL:
        _order_all(batch)
    else:
        _order_in_turn(batch)


def stop(batch: Batch) -> int:
    """Order nothing more of it; the number of rows that were waiting still."""
    return _refuse_rest(batch, "Stopped before it was ordered.")


def stop_all(why: str) -> int:
    """Order nothing more of any; the number of batches that were being ordered."""
    going_on = list(Batch.objects.filter(state=Batch.State.ORDERING).order_by("pk"))
    for batch in going_on:
        _refuse_rest(batch, why[:500])
    return len(going_on)


def wake() -> None:
    """Have workers go on with the batches that nobody was woken for of late."""
    due = Batch.objects.due()
    for batch_id in queue.unwoken(due, "wake_at", BATCHES_AT_ONCE):
        with transaction.atomic():
            if due.filter(pk=batch_id).update(wake_at=clock.after(WAKE_AGAIN_SECONDS)):
                queue.order_batch(batch_id)


def key_of(row: BatchRow) -> UUID:
    """The submission key of a row: the same whoever orders it."""
    return uuid5(row.batch_id, str(row.number))


def _why_not(batch: Batch) -> str:
    if not batch.owner.is_active:
        return f"Not ordered: {isolated(batch.owner.label)} is no longer active."
    if batch.practice != settings.PRACTICE:
        return "Not ordered: it was confirmed in the other mode. Practice and real videos differ."
    return ""


def _order_all(batch: Batch) -> None:
    """All rows in one transaction: whatever happens within it, all are ordered or none is."""
    try:
        with transaction.atomic():
            if not _hold(batch):
                return
            for row in batch.rows.waiting():
                try:
                    _mark(row, _submit(batch, row, may_park=False))
                except NotSubmitted as error:
                    raise _RowRefused(row, error) from error
            _end(batch)
    except _RowRefused as refused:
        _back_to_draft(batch, f"{refused.trouble} Nothing of the table was ordered.")


def _order_in_turn(batch: Batch) -> None:
    for row in batch.rows.waiting():
        if queue.is_stopping():
            # The follower wakes the next worker for what is left.
            _ordering(batch).update(wake_at=Now())
            return
        try:
            _order_one(batch, row)
        except NotSubmitted as error:
            if error.cause in PASSING:
                _wait(batch, error)
                return
            BatchRow.objects.waiting().filter(pk=row.pk).update(error=error.user_message[:500])
    _end(batch)


def _order_one(batch: Batch, row: BatchRow) -> None:
    """Ordered and marked at once: no end of a process can come between the two."""
    with transaction.atomic():
        waiting = BatchRow.objects.waiting().filter(pk=row.pk)
        # Locked until it is ordered, so that whoever comes second finds it done.
        if _hold(batch) and waiting.update(cost=F("cost")):
            _mark(row, _submit(batch, row, may_park=True))


def _submit(batch: Batch, row: BatchRow, *, may_park: bool) -> Job:
    """Raises `NotSubmitted`, also where it costs another price than the one that was confirmed."""
    submission = Submission(**{**row.order, "image_ids": tuple(row.order["image_ids"])})
    if news := lifecycle.costs_otherwise(submission, row.cost, row.takes):
        raise NotSubmitted(news.user_message, cause="price")
    takes = lifecycle.submit_takes(
        batch.owner, submission, key_of(row), row.takes, may_park=may_park
    )
    return takes[0]


def _mark(row: BatchRow, job: Job) -> None:
    BatchRow.objects.filter(pk=row.pk).update(job=job)


def _hold(batch: Batch) -> bool:
    """Lock the batch until the transaction ends, if it is being ordered still."""
    if not _ordering(batch).update(wake_at=F("wake_at")):
        return False
    # Who is shut out meanwhile orders no more; the rest is refused the next time.
    return User.objects.filter(pk=batch.owner_id, is_active=True).exists()


def _ordering(batch: Batch) -> Any:
    return Batch.objects.filter(pk=batch.pk, state=Batch.State.ORDERING)


def _wait(batch: Batch, error: NotSubmitted) -> None:
    """Go on later, and tell why until then."""
    pause = error.too_many.seconds if isinstance(error, TooManyOrders) else PAUSE_SECONDS
    _ordering(batch).update(wake_at=clock.after(pause), trouble=error.user_message[:500])


def _refuse_rest(batch: Batch, why: str) -> int:
    with transaction.atomic():
        # Rows before the batch would be the other way round than whoever orders them.
        if not _ordering(batch).update(wake_at=F("wake_at")):
            return 0
        number = batch.rows.waiting().update(error=why)
        _end(batch)
    return number


def _end(batch: Batch) -> None:
    waiting = BatchRow.objects.waiting().filter(batch=OuterRef("pk"))
    _ordering(batch).filter(~Exists(waiting)).update(
        state=Batch.State.ORDERED, trouble="", ended_at=Now()
    )


def _back_to_draft(batch: Batch, trouble: str) -> None:
    """To be looked at, changed and confirmed again."""
    with transaction.atomic():
        if _ordering(batch).update(
            state=Batch.State.DRAFT, trouble=trouble[:500], confirmed_at=None, content_digest=""
        ):
            batch.rows.all().delete()
