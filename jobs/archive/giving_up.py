"""Files that could not be stored: given up after weeks, or given another chance."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from jobs import news, queue
from jobs.archive import attempts
from jobs.archive.announcing import hold, show
from jobs.archive.fetching import outgoing
from jobs.models import Rendition
from jobs.times import clock

ATTEMPTS_MAX = 80
"""Attempts at one file, weeks with the pauses between them, after which something is wrong."""


def store_again(rendition_id: UUID) -> bool:
    """Give a file that was closed without being stored another chance; true if there was one."""
    with transaction.atomic():
        rows = Rendition.objects.filter(
            pk=rendition_id, state__in=[Rendition.State.EXPIRED, Rendition.State.REJECTED]
        ).select_related("job")
        rendition = rows.first()
        if rendition is None:
            return False
        hold(rendition)
        if not rows.update(
            state=Rendition.State.WAITING,
            problem="",
            try_at=clock.after(attempts.PAUSE_FIRST_SECONDS),
            not_before=None,
        ):
            return False
        show(rendition, closed_at=None, closed_by=None)
        queue.store(rendition_id)
    return True


def give_up(rendition_id: UUID) -> bool:
    """Close a file that could not be stored in weeks of attempts; true if this call did it."""
    with transaction.atomic():
        rows = Rendition.objects.due().filter(pk=rendition_id, attempts__gte=ATTEMPTS_MAX)
        rendition = rows.select_related("job").first()
        if rendition is None:
            return False
        hold(rendition)
        if not rows.update(
            state=Rendition.State.REJECTED,
            try_at=None,
            missing_host="",
            problem=f"It could not be stored after {ATTEMPTS_MAX} attempts.",
        ):
            return False
        show(rendition)
        news.lost_file(rendition)
    return True


def take_up_outgoing() -> None:
    """Go on with films that are on this machine's disk, although somebody gave them up."""
    given_up = Rendition.objects.filter(pk__in=outgoing.tidy(), job__closed_at=None)
    for rendition in given_up:
        if outgoing.found(rendition):
            store_again(rendition.pk)
        else:
            # Damaged here: what can be done is for a person to say.
            outgoing.forget(rendition.pk)
