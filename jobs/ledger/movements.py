"""Move a job's credits: hold them when it is taken, spend or give them back when it ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from django.db import transaction
from django.db.models import F, Q, Sum

from jobs.ledger.periods import Scopes, open_for, today
from jobs.ledger.spreading import dealt, from_own, from_shared
from jobs.models import Budget, Job, LedgerEntry, User

SPENDING = (LedgerEntry.Kind.SETTLE, LedgerEntry.Kind.ADJUST, LedgerEntry.Kind.REVERSAL)
"""The kinds that take a job's credits; a grant for a job gives them."""


class _Overtaken(Exception):
    """Somebody else took credits between our look and our taking."""


def reserve(*jobs: Job) -> None:
    """Hold the quotes of jobs that were ordered together in every scope, all of them or none.

    They have one payer, one paid project and one day. Call in a transaction. Raises `NotEnough`
    with what all of them need, and has changed nothing then.
    """
    job, quotes = jobs[0], sum(each.quote for each in jobs)
    day = _day_of(job)
    while True:
        scopes = open_for(job.payer, job.paid_project, day)
        own = list(from_own(scopes.own, quotes))
        shared = list(from_shared(scopes.shared, quotes))
        try:
            with transaction.atomic():
                _hold(dealt(jobs, own, scopes.shared), [*own, *shared], day)
        except _Overtaken:
            # Whoever was faster has got what they wanted, so this comes to an end.
            continue
        return


def settle(job: Job, charge: int) -> None:
    """End the job's hold by spending `charge` credits, which may differ from the hold.

    What exceeds the hold is an entry of its own, so that an overrun can be found and asked about.
    """
    _end(job, LedgerEntry.Kind.SETTLE, charge)


def release(job: Job, *, reason: str = "", actor: User | None = None) -> None:
    """End the job's hold and spend nothing."""
    _end(job, LedgerEntry.Kind.RELEASE, 0, reason=reason, actor=actor)


def reverse(job: Job, charge: int, *, reason: str) -> None:
    """Put a finished job's spending right after late proof of what it really cost."""
    spent, shares = _spent_by_budget(job), shares_of(job, charge)
    corrections = [
        LedgerEntry(
            budget=hold.budget,
            kind=LedgerEntry.Kind.REVERSAL,
            credits=spent.get(hold.budget_id, 0) - share,
            job=job,
            reason=reason,
            booked_on=today(),
        )
        for hold, share in shares
    ]
    for grant in approvals_due(job, shares):
        grant.reason, grant.booked_on = reason, today()
        corrections.append(grant)
    _write([entry for entry in corrections if entry.credits])


def approve_once(job: Job, *, actor: User, reason: str) -> None:
    """Grant what the job lacks, for this job alone.

    Call in the transaction that reserves it next. What the job then does not spend is taken back.
    """
    day = _day_of(job)
    scopes = line_up(job, day)
    lacking = {b: job.quote - (b.balance - b.held) for b in scopes.shared if b.is_capped}
    # What a person lacks is added to what they were granted, which is taken last.
    *first, last = scopes.own
    left = job.quote - sum(budget.available for budget in first)
    if left > 0:
        lacking = {last: left - (last.balance - last.held), **lacking}
    _write(
        [
            LedgerEntry(
                budget=budget,
                kind=LedgerEntry.Kind.GRANT,
                credits=credits,
                job=job,
                actor=actor,
                reason=reason,
                booked_on=day,
            )
            for budget, credits in lacking.items()
            if credits > 0
        ]
    )


def line_up(job: Job, day: date) -> Scopes:
    """Lock the job's budgets of that day in the order in which jobs take them; how they stand then.

    For whoever changes one of them and takes from the others: nobody then waits in a circle.
    """
    scopes = open_for(job.payer, job.paid_project, day)
    for budget in (*scopes.own, *scopes.shared):
        Budget.objects.filter(pk=budget.pk).update(held=F("held"))
    return open_for(job.payer, job.paid_project, day)


def approvals_due(job: Job, shares: list[tuple[LedgerEntry, int]]) -> Iterator[LedgerEntry]:
    """Put the grants for this job alone right, given what each budget bears of its charge.

    The job's own share is spent first: what it leaves of its hold is what was approved. Where a
    debt was covered as well, no more stays than the job has spent.
    """
    grants = job.entries.filter(kind=LedgerEntry.Kind.GRANT).order_by().values_list("budget")
    approved = dict(grants.filter(actor__isnull=False).annotate(total=Sum("credits")))
    if not approved:
        return
    given = dict(grants.annotate(total=Sum("credits")))
    for hold, share in shares:
        within = min(share, hold.held)
        unspent = hold.held - within
        kept = min(max(approved.get(hold.budget_id, 0) - unspent, 0), within)
        if change := kept - given.get(hold.budget_id, 0):
            yield LedgerEntry(
                budget=hold.budget,
                kind=LedgerEntry.Kind.GRANT,
                credits=change,
                job=job,
                reason="Approved for this video only, which didn’t need it",
                booked_on=hold.booked_on,
            )


def spent_on(job: Job) -> int:
    """Credits that this job has taken out of its owner's budgets so far."""
    entries = job.entries.filter(budget__owner__isnull=False, kind__in=SPENDING)
    return -(entries.aggregate(total=Sum("credits"))["total"] or 0)


def _day_of(job: Job) -> date:
    if job.booked_on is None:
        raise ValueError(f"job {job.pk} is not booked on any day")
    return job.booked_on


def _hold(
    shares: Iterable[tuple[Job, Budget, int]], plan: list[tuple[Budget, int]], day: date
) -> None:
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            budget=budget,
            kind=LedgerEntry.Kind.HOLD,
            held=share,
            job=job,
            actor=job.payer,
            booked_on=day,
        )
        for job, budget, share in shares
    )
    for budget, share in plan:
        fits = Q(is_capped=False) | Q(balance__gte=F("held") + share)
        rows = Budget.objects.filter(fits, pk=budget.pk, is_frozen=False)
        if not rows.update(held=F("held") + share):
            raise _Overtaken


def shares_of(job: Job, charge: int) -> list[tuple[LedgerEntry, int]]:
    """The job's holds, and what each of their budgets bears of its charge.

    A person's budgets bear it in their order, each what it held; the last also what goes beyond.
    """
    holds = list(
        job.entries.filter(kind=LedgerEntry.Kind.HOLD).select_related("budget").order_by("pk")
    )
    if not holds:
        raise LedgerEntry.DoesNotExist(f"job {job.pk} holds nothing")
    own = [hold for hold in holds if hold.budget.owner_id]
    shares, left = [], charge
    for hold in own:
        share = left if hold is own[-1] else min(hold.held, left)
        left -= share
        shares.append((hold, share))
    return [*shares, *((hold, charge) for hold in holds[len(own) :])]


def _end(
    job: Job, kind: LedgerEntry.Kind, charge: int, *, reason: str = "", actor: User | None = None
) -> None:
    entries, shares = [], shares_of(job, charge)
    for hold, share in shares:
        common = {"budget": hold.budget, "job": job, "booked_on": hold.booked_on}
        within = min(share, hold.held)
        entries.append(
            LedgerEntry(
                kind=kind, credits=-within, held=-hold.held, reason=reason, actor=actor, **common
            )
        )
        if share > within:
            over = f"The provider charged {charge}, {charge - job.quote} more than quoted"
            entries.append(
                LedgerEntry(
                    kind=LedgerEntry.Kind.ADJUST, credits=within - share, reason=over, **common
                )
            )
    _write([*entries, *approvals_due(job, shares)])


def _write(entries: list[LedgerEntry]) -> None:
    """All of the entries, and then the budgets along with them."""
    LedgerEntry.objects.bulk_create(entries)
    moved: dict[int, tuple[int, int]] = {}
    for entry in entries:
        credits, held = moved.get(entry.budget_id, (0, 0))
        moved[entry.budget_id] = (credits + entry.credits, held + entry.held)
    for budget_id, (credits, held) in moved.items():
        Budget.objects.filter(pk=budget_id).update(
            balance=F("balance") + credits, held=F("held") + held
        )


def _spent_by_budget(job: Job) -> dict[int, int]:
    entries = job.entries.filter(kind__in=SPENDING).order_by()
    sums = entries.values_list("budget").annotate(total=Sum("credits"))
    return {budget_id: -total for budget_id, total in sums}
