"""The one confirmation of a table: its rows as they were shown, and what is wanted of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from jobs import limits, queue
from jobs.lifecycle import Submission, TooManyOrders
from jobs.limits import Limit, TooMany
from jobs.models import Batch, BatchRow, User
from jobs.times import clock


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table, as it was shown: what it orders, and at which price in credits.

    The price is that of all its takes, which are ordered together or not at all.
    """

    number: int
    cells: Sequence[str]
    submission: Submission
    cost: int
    takes: int = 1


def confirm(
    batch: Batch, lines: Sequence[Line], *, columns: Sequence[str], choice: Batch.Choice
) -> bool:
    """Order these rows, which were read of the draft's text; false where it is no such draft now.

    Of any number of confirmations the first counts. Nothing is ordered here: a worker does, row
    by row, and the follower wakes another one for what was left. Raises `TooManyOrders` where so
    many may not be ordered now.
    """
    try:
        limits.check(Limit.ORDERS, batch.owner_id, amount=sum(line.takes for line in lines))
    except TooMany as error:
        raise TooManyOrders(error) from error
    with transaction.atomic():
        draft = Batch.objects.drafts().filter(pk=batch.pk, text=batch.text)
        if not draft.update(
            state=Batch.State.ORDERING,
            choice=choice,
            practice=settings.PRACTICE,
            columns=list(columns),
            content_digest=digest_of(lines),
            trouble="",
            confirmed_at=Now(),
            wake_at=clock.after(queue.FIRST_WAKE_UP_SECONDS),
        ):
            return False
        BatchRow.objects.bulk_create(
            BatchRow(
                batch=batch,
                number=line.number,
                cells=list(line.cells),
                order=asdict(line.submission),
                cost=line.cost,
                takes=line.takes,
            )
            for line in lines
        )
        queue.order_batch(batch.pk)
    return True


def ordered_before(owner: User, batch: Batch, lines: Sequence[Line]) -> Batch | None:
    """The newest batch of this person in which the same rows were ordered, however written."""
    same = Batch.objects.filter(owner=owner, content_digest=digest_of(lines))
    others = same.exclude(pk=batch.pk).exclude(state=Batch.State.DRAFT)
    return others.order_by("-confirmed_at").first()


def digest_of(lines: Sequence[Line]) -> str:
    """The same for the same orders in the same order."""
    orders = [(line.submission.digest(), line.takes) for line in lines]
    return hashlib.sha256(json.dumps(orders).encode()).hexdigest()
