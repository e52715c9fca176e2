"""Proves that the figures are the fold of their entries, and stops spending where they are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from jobs.ledger.movements import SPENDING, approvals_due, shares_of
from jobs.ledger.periods import granted_to
from jobs.models import Budget, Job, LedgerCheck, LedgerEntry, prepared
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.status import LIVE

MOVING = (LedgerEntry.Kind.HOLD, LedgerEntry.Kind.RELEASE, *SPENDING)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One figure that does not add up, in words."""

    budget_id: int
    text: str


def audit() -> list[Mismatch]:
    """Recompute everything from the entries (L1-L4, L8). An empty list is the proof."""
    return [*_wrong_figures(), *_wrong_jobs(), *_wrong_approvals()]


def check() -> list[Mismatch]:
    """`audit`, and stop spending from the budgets it names until they add up again; on record."""
    found = audit()
    wrong = {mismatch.budget_id for mismatch in found}
    Budget.objects.filter(pk__in=wrong, is_frozen=False).update(is_frozen=True)
    Budget.objects.exclude(pk__in=wrong).filter(is_frozen=True).update(is_frozen=False)
    LedgerCheck.objects.bulk_create(
        [LedgerCheck(checked_at=timezone.now(), mismatches=len(found))],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["checked_at", "mismatches"],
    )
    return found


def _wrong_figures() -> Iterator[Mismatch]:
    """L1: a budget's figures equal the fold of its entries."""
    for pk, balance, held in prepared.rows("unlike its entries", _unlike_their_entries):
        row = Budget.objects.select_related("owner", "project").get(pk=pk)
        yield Mismatch(
            pk,
            f"{row}: shows {row.balance} with {row.held} held, "
            f"entries say {balance} with {held} held",
        )


def _unlike_their_entries() -> QuerySet[Budget, Any]:
    def folded(field: str) -> Coalesce:
        sums = LedgerEntry.objects.filter(budget=OuterRef("pk")).order_by().values("budget")
        total = Subquery(sums.annotate(total=Sum(field)).values("total"))
        return Coalesce(total, 0, output_field=BigIntegerField())

    return (
        Budget.objects.annotate(true_balance=folded("credits"), true_held=folded("held"))
        .exclude(balance=F("true_balance"), held=F("true_held"))
        .values_list("pk", "true_balance", "true_held")
    )


def _wrong_jobs() -> Iterator[Mismatch]:
    """L3, L4, L8: a job holds its quote exactly while it is live, and in every scope it belongs to
    it holds and has spent the same, which is what it says it was charged.
    """
    for row in prepared.rows("held or spent otherwise", _held_or_spent_otherwise):
        job_id, scope, on_hold, due, spent, paid = row
        yield Mismatch(
            _paying(job_id),
            f"job {job_id} holds {on_hold} instead of {due}, and has spent {spent} instead of "
            f"{paid}, of the {scope} budget",
        )
    for job in prepared.rows("without a hold", _without_hold):
        yield Mismatch(
            granted_to(job.payer).pk, f"job {job.pk} is {job.status} without a hold in every scope"
        )


def _held_or_spent_otherwise() -> QuerySet[LedgerEntry, Any]:
    live = Q(job__status__in=LIVE)
    number = BigIntegerField()
    return (
        LedgerEntry.objects.filter(job__isnull=False, kind__in=MOVING)
        .order_by()
        .values("job", scope=_SCOPE)
        .annotate(
            # Each is one figure of the job, whichever of its entries it is read beside.
            due=Max(Case(When(live, then=F("job__quote")), default=0, output_field=number)),
            paid=Max(
                Case(When(live, then=0), default=Coalesce("job__charged", 0), output_field=number)
            ),
            on_hold=Sum("held"),
            spent=0 - Sum("credits"),
        )
        .exclude(on_hold=F("due"), spent=F("paid"))
        .values_list("job", "scope", "on_hold", "due", "spent", "paid")
    )


def _wrong_approvals() -> Iterator[Mismatch]:
    """Find grants for one job alone of which more stays than the job has spent."""
    for job in prepared.rows("over and approved", _over_and_approved):
        for entry in approvals_due(job, shares_of(job, job.charged or 0)):
            yield Mismatch(
                entry.budget_id,
                f"job {job.pk} is over, and {-entry.credits} that were approved for it are left",
            )


def _over_and_approved() -> QuerySet[Job]:
    approved = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.GRANT, job__isnull=False)
    return Job.objects.filter(pk__in=approved.order_by().values("job")).exclude(status__in=LIVE)


_SCOPE = Case(
    When(budget__owner__isnull=False, then=Value("person's")),
    When(budget__project__isnull=False, then=Value("project's")),
    default=Value("team's"),
)


def _without_hold() -> Jobs:
    holds = LedgerEntry.objects.filter(job=OuterRef("pk"), kind=LedgerEntry.Kind.HOLD)
    lacks_project = Q(paid_project__isnull=False) & ~Exists(
        holds.filter(budget__project__isnull=False)
    )
    return Job.objects.filter(
        ~Exists(holds.filter(budget__owner__isnull=False))
        | ~Exists(holds.filter(budget__owner=None, budget__project=None))
        | lacks_project,
        Q(status__in=LIVE) | Q(charged__gt=0),
    ).select_related("payer")


def _paying(job_id: UUID) -> int:
    return LedgerEntry.objects.filter(job=job_id, kind=LedgerEntry.Kind.HOLD).values_list(
        "budget", flat=True
    )[0]
