"""Notices that a parked job fits its budgets by now, or fits no more."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from jobs import ledger
from jobs.lifecycle.moves import touch
from jobs.models import BudgetRequest, prepared
from jobs.models.jobs.status import Status


def notice_room() -> None:
    """Note of what is parked whether its budgets hold it, so that its cards can say so.

    It changes with every grant, allowance, cap, reset and end of another job, so it is looked at
    again and again, and not at each of those. What is noted is told, and decides nothing.
    """
    waiting = prepared.rows(("asked for what is parked", settings.PRACTICE), _asked)
    fits = ledger.fits_of(waiting) if waiting else {}
    for asked in waiting:
        holds = fits[asked.pk].holds
        if asked.fits == holds:
            continue
        with transaction.atomic():
            rows = BudgetRequest.objects.filter(pk=asked.pk, state=BudgetRequest.State.OPEN)
            if rows.exclude(fits=holds).update(fits=holds):
                for job in asked.jobs.all():
                    # Those that were called off stand elsewhere, and tell nothing of it.
                    if job.status == Status.AWAITING_BUDGET:
                        touch(job)


def _asked() -> QuerySet[BudgetRequest]:
    """What admins are asked for so that parked jobs can begin."""
    return (
        BudgetRequest.objects.filter(
            state=BudgetRequest.State.OPEN,
            job__status=Status.AWAITING_BUDGET,
            job__practice=settings.PRACTICE,
        )
        .select_related("requester", "project")
        .prefetch_related("jobs")
        .distinct()
    )
