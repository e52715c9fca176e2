"""The entries under a statement's figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

from django.db.models import Count, Min, Q, Sum

from jobs.models import Job, LedgerEntry, Statement, User
from jobs.models.jobs.status import Status
from jobs.models.money.budget import LedgerEntryQuerySet
from jobs.statements.adding_up import ENDED, GIVEN, SPENT, Scope
from jobs.times.months import month_after

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLine:
    """The credits that one job moved in the month."""

    job: Job
    by: User
    """The person who ordered it; the work itself may have passed to a colleague since."""
    booked_on: date
    held: int
    spent: int
    is_open: bool
    """Its hold has no end yet."""

    @property
    def result(self) -> str:
        """The result in words; by the entries of this month, where the job says more."""
        if self.is_open:
            return "Not finished"
        if not self.held:
            return "Corrected later"
        if self.job.status == Status.SUCCEEDED and not self.spent:
            return "Returned; turned up later"
        if self.job.is_unverified:
            return f"{self.job.get_status_display()}, unverified"
        return self.job.get_status_display()


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The sums of one kind of work."""

    provider: str
    model: str
    kind: str
    jobs: int
    held: int
    spent: int


def given(statement: Statement) -> LedgerEntryQuerySet:
    """Each grant, allowance, adjustment and expiry, with who and why."""
    return _entries(statement).filter(GIVEN).select_related("actor", "job").order_by("id")


def job_lines(statement: Statement, limit: int | None = None) -> Iterator[JobLine]:
    """The month's jobs in the order of their days; some hundred in memory at a time."""
    rows = (
        _of_jobs(statement)
        .values_list("job")
        .annotate(
            day=Min("booked_on"),
            by=Min("actor", filter=Q(kind=LedgerEntry.Kind.HOLD)),
            on_hold=Sum("held", filter=Q(kind=LedgerEntry.Kind.HOLD), default=0),
            spent=-Sum("credits", filter=SPENT, default=0),
            ends=Count("id", filter=ENDED),
        )
        .order_by("day", "job")
    )
    people = User.objects.in_bulk()
    shown = Job.objects.only("prompt", "title", "model", "kind", "status", "is_unverified", "owner")
    found = iter(rows[:limit] if limit else rows.iterator(AT_ONCE))
    while chunk := list(islice(found, AT_ONCE)):
        jobs: dict[UUID, Job] = shown.in_bulk([row[0] for row in chunk])
        for job_id, day, by, on_hold, spent, ends in chunk:
            job = jobs[job_id]
            yield JobLine(
                job=job,
                by=people[by or job.owner_id],
                booked_on=day,
                held=on_hold,
                spent=spent,
                is_open=bool(on_hold and not ends),
            )


def totals(statement: Statement) -> list[Total]:
    """By provider, model and operation, the dearest first."""
    rows = (
        _of_jobs(statement)
        .values_list("job__provider", "job__model", "job__kind")
        .annotate(
            jobs=Count("job", distinct=True),
            on_hold=Sum("held", filter=Q(kind=LedgerEntry.Kind.HOLD), default=0),
            spent=-Sum("credits", filter=SPENT, default=0),
        )
    )
    found = [
        Total(provider=provider, model=model, kind=kind, jobs=jobs, held=on_hold, spent=spent)
        for provider, model, kind, jobs, on_hold, spent in rows
    ]
    return sorted(found, key=lambda total: (-total.spent, total.model))


def _entries(statement: Statement) -> LedgerEntryQuerySet:
    month = statement.month
    scope = Scope(statement.owner_id, statement.project_id)
    return scope.entries().filter(booked_on__gte=month, booked_on__lt=month_after(month))


def _of_jobs(statement: Statement) -> LedgerEntryQuerySet:
    return _entries(statement).exclude(GIVEN).order_by()
