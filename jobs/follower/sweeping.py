"""Finds by looking at the rows what nobody is told of, and wakes workers for it."""

from __future__ import annotations

import logging
from decimal import Decimal
from uuid import UUID

from django.db import Error as DatabaseProblem
from django.db.models import QuerySet
from django.db.models.functions import Now

from jobs import archive, batches, lifecycle, mail, shares
from jobs.follower.dealing import deal
from jobs.follower.sparing import crowd
from jobs.machine import spool
from jobs.models import Job, prepared
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS
from jobs.times import clock
from jobs.vitals import heartbeats

logger = logging.getLogger(__name__)

ROWS_AT_ONCE = 64


def sweep() -> None:
    """Everything that is found by looking at the rows instead of waiting to be told."""
    parts = (
        _replay,
        lifecycle.abandon,
        lifecycle.give_up_after_a_day,
        lifecycle.follow_circuits,
        lifecycle.wake_probes,
        archive.wake_listed,
        archive.take_up_outgoing,
        deal,
        _follow_again,
        batches.wake,
        lifecycle.notice_room,
        shares.collect,
        shares.wake,
        shares.lapse,
        mail.gather,
        mail.wake,
        heartbeats.ask_workers,
        crowd.count,
    )
    for part in parts:
        try:
            part()
        except DatabaseProblem:
            raise
        except Exception:
            # One odd row must not keep the other parts from their work.
            logger.exception("a part of the sweep broke")


def _replay() -> None:
    def accept(job_id: str, external_id: str, credits: str | None) -> bool:
        return lifecycle.accept(UUID(job_id), external_id, Decimal(credits) if credits else None)

    spool.replay(accept)


def _follow_again() -> None:
    """Jobs that nobody would ask about any more, whatever made them so."""
    found = prepared.rows("unfollowed", _unfollowed)
    if found:
        Job.objects.filter(pk__in=[pk for (pk,) in found], check_at=None).update(check_at=Now())


def _unfollowed() -> QuerySet[Job, tuple[UUID]]:
    return Job.objects.unfollowed().values_list("pk")[:ROWS_AT_ONCE]


def give_up() -> None:
    """Lose the jobs that no provider can tell anything about any more."""
    open_ended = Job.objects.filter(status__in=[Status.UNCERTAIN, Status.RUNNING])
    for provider in PROVIDERS.values():
        long_ago = clock.after(-(provider.retention.total_seconds() + 3600))
        for job in open_ended.filter(provider=provider.name, sent_at__lt=long_ago):
            lifecycle.lose(
                job,
                f"There was no news of this video for {provider.retention.days} days, "
                "and the provider keeps no record of it.",
            )
