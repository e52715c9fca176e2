"""Moves credits: the only writer of budgets and entries.

Every function writes its entry first and moves the budget row last, in the caller's transaction:
the row's lock is then held shortest, and the conditional UPDATE is the one that decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import BigIntegerField, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from jobs.models import Budget, Job, LedgerEntry, User
from jobs.models.status import LIVE, Status

Kind = LedgerEntry.Kind
CREDITS_MAX = 1_000_000_000
"""The most that one entry may move: far above any budget, far below what a column holds."""


class NotEnough(Exception):
    """The budget does not hold what the job costs."""

    def __init__(self, needed: int, available: int, *, frozen: bool = False) -> None:
        self.needed = needed
        self.available = available
        self.frozen = frozen
        super().__init__(f"needs {needed}, has {available}")


class OutOfRange(ValueError):
    """An amount that no honest entry has."""


def budget_of(user: User) -> Budget:
    """This person's budget, made empty at first."""
    return Budget.objects.get_or_create(owner=user)[0]


@transaction.atomic
def grant(
    user: User, credits: int, *, reason: str, actor: User | None, key: UUID | None = None
) -> LedgerEntry:
    """Give credits, or with a negative figure take unspent ones back.

    With `key`, the submission key of a form, only once however often that form arrives.

    Raises `OutOfRange` for nothing or too much, `NotEnough` where less is left to take back.
    """
    if not 0 < abs(credits) <= CREDITS_MAX:
        raise OutOfRange(credits)
    budget = budget_of(user)
    if key and (before := LedgerEntry.objects.filter(submission_key=key).first()):
        return before
    entry = LedgerEntry.objects.create(
        budget=budget,
        submission_key=key,
        kind=Kind.GRANT if credits > 0 else Kind.ADJUST,
        credits=credits,
        reason=reason,
        actor=actor,
    )
    room = Q() if credits > 0 else Q(balance__gte=F("held") - credits)
    if not Budget.objects.filter(room, pk=budget.pk).update(balance=F("balance") + credits):
        raise NotEnough(-credits, budget.available)
    return entry


def reserve(job: Job) -> None:
    """Hold the job's quote. Raises `NotEnough`; the caller's transaction must then roll back."""
    budget = budget_of(job.owner)
    LedgerEntry.objects.create(
        budget=budget, kind=Kind.HOLD, held=job.quote, job=job, actor=job.owner
    )
    fits = Budget.objects.filter(
        pk=budget.pk, is_frozen=False, balance__gte=F("held") + job.quote
    ).update(held=F("held") + job.quote)
    if not fits:
        budget.refresh_from_db()
        raise NotEnough(job.quote, budget.available, frozen=budget.is_frozen)


def settle(job: Job, charge: int) -> None:
    """End the job's hold by spending `charge` credits, which may differ from the hold.

    What exceeds the hold is an entry of its own, so that an overrun can be found and asked about.
    """
    within = min(charge, job.quote)
    _end_hold(job, Kind.SETTLE, spent=within)
    if charge > job.quote:
        over = charge - job.quote
        _move(
            job,
            Kind.ADJUST,
            spent=over,
            reason=f"The provider charged {charge}, {over} more than quoted",
        )


def release(job: Job, *, reason: str = "", actor: User | None = None) -> None:
    """End the job's hold and spend nothing."""
    _end_hold(job, Kind.RELEASE, spent=0, reason=reason, actor=actor)


def reverse(job: Job, charge: int, *, reason: str) -> None:
    """Put a finished job's spending right after late proof of what it really cost."""
    spent = spent_on(job)
    if charge != spent:
        _move(job, Kind.REVERSAL, spent=charge - spent, reason=reason)


def spent_on(job: Job) -> int:
    """Credits that this job has taken out of its budget so far."""
    total = job.entries.aggregate(total=Sum("credits"))["total"]
    return -(total or 0)


def _end_hold(
    job: Job, kind: Kind, *, spent: int, reason: str = "", actor: User | None = None
) -> None:
    budget = _budget_paying(job)
    LedgerEntry.objects.create(
        budget=budget,
        kind=kind,
        credits=-spent,
        held=-job.quote,
        job=job,
        reason=reason,
        actor=actor,
    )
    Budget.objects.filter(pk=budget.pk).update(
        balance=F("balance") - spent, held=F("held") - job.quote
    )


def _move(job: Job, kind: Kind, *, spent: int, reason: str) -> None:
    budget = _budget_paying(job)
    LedgerEntry.objects.create(budget=budget, kind=kind, credits=-spent, job=job, reason=reason)
    Budget.objects.filter(pk=budget.pk).update(balance=F("balance") - spent)


def _budget_paying(job: Job) -> Budget:
    """The budget that holds or held this job's credits."""
    return Budget.objects.get(entries__job=job, entries__kind=Kind.HOLD)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One figure that does not add up, in words."""

    budget_id: int
    text: str


def audit() -> list[Mismatch]:
    """Recompute everything from the entries (L1-L4). An empty list is the proof."""
    return [*_wrong_figures(), *_wrong_holds()]


def check() -> list[Mismatch]:
    """`audit`, and stop spending from the budgets it names until they add up again."""
    found = audit()
    wrong = {mismatch.budget_id for mismatch in found}
    Budget.objects.filter(pk__in=wrong).update(is_frozen=True)
    Budget.objects.exclude(pk__in=wrong).filter(is_frozen=True).update(is_frozen=False)
    return found


def _wrong_figures() -> list[Mismatch]:
    def folded(field: str) -> Coalesce:
        sums = LedgerEntry.objects.filter(budget=OuterRef("pk")).order_by().values("budget")
        total = Subquery(sums.annotate(total=Sum(field)).values("total"))
        return Coalesce(total, 0, output_field=BigIntegerField())

    rows = Budget.objects.select_related("owner").annotate(
        true_balance=folded("credits"), true_held=folded("held")
    )
    return [
        Mismatch(
            row.pk,
            f"{row.owner.username}: shows {row.balance} with {row.held} held, "
            f"entries say {row.true_balance} with {row.true_held} held",
        )
        for row in rows.exclude(balance=F("true_balance"), held=F("true_held"))
    ]


def _wrong_holds() -> list[Mismatch]:
    open_holds = LedgerEntry.objects.filter(kind=Kind.HOLD).exclude(
        job__entries__kind__in=[Kind.SETTLE, Kind.RELEASE]
    )
    stale = open_holds.exclude(job__status__in=LIVE).select_related("job")
    bare = (
        Job.objects.filter(status__in=LIVE)
        .exclude(pk__in=open_holds.values("job"))
        .exclude(status=Status.AWAITING_BUDGET)
    )
    return [
        *(
            Mismatch(entry.budget_id, f"job {entry.job_id} is over but its hold is open")
            for entry in stale
        ),
        *(
            Mismatch(budget_of(job.owner).pk, f"job {job.pk} is {job.status} without a hold")
            for job in bare.select_related("owner")
        ),
    ]
