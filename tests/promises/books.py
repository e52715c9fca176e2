"""What has to be true after every step, whatever happened, and what has to be true in the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from django.db import connection
from django.utils import timezone

from jobs import ledger
from jobs.models import Job, JobEvent, User
from jobs.models.jobs.status import LIVE, MOVES, Status
from jobs.providers.base import UPGRADES
from tests.promises.account import Account, Work

ENDED = (Status.SUCCEEDED, Status.FAILED, Status.CANCELED, Status.LOST)
REVIVED = (Status.FAILED, Status.LOST)
"""The ends that late proof may turn into success, and into nothing else."""


_BEYOND = ("adjust", "reversal", "grant")
"""Entries that may take more than there is."""
Facts = tuple[dict[Any, str], int]


class Row(NamedTuple):
    """A job."""

    pk: UUID
    status: str
    external_id: str
    quote: int
    kind: str
    error_code: str
    paid_project: int | None


class Entry(NamedTuple):
    """A movement of credits."""

    budget: int
    job: UUID | None
    kind: str
    credits: int
    held: int
    booked_on: str
    scope: str
    """own, project or team."""


class Books:
    """Our rows beside the provider's account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.statuses: dict[UUID, str] = {}

    def facts(self) -> Facts:
        """Everything that a callback by itself must leave as it is."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, status FROM jobs_job")
            statuses = dict(cursor.fetchall())
            cursor.execute("SELECT count(*) FROM jobs_ledgerentry")
            return statuses, cursor.fetchone()[0]

    def check(self) -> None:
        """The invariants, L1 to L4 among them, in plain SQL: independent of the product's audit."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, status, external_id, quote, kind, error_code, paid_project_id "
                "FROM jobs_job"
            )
            jobs = [Row(UUID(str(pk)), *facts) for pk, *facts in cursor.fetchall()]
            cursor.execute(
                "SELECT budget_id, job_id, kind, e.credits, e.held, booked_on, "
                "CASE WHEN owner_id IS NOT NULL THEN 'own' "
                "WHEN project_id IS NOT NULL THEN 'project' ELSE 'team' END "
                "FROM jobs_ledgerentry e JOIN jobs_budget b ON b.id = budget_id"
            )
            entries = [Entry(b, j and UUID(str(j)), *facts) for b, j, *facts in cursor.fetchall()]
            cursor.execute("SELECT id, balance, held, owner_id FROM jobs_budget")
            budgets = cursor.fetchall()
            cursor.execute(
                "SELECT r.credits, SUM(j.quote) FROM jobs_budgetrequest r "
                "JOIN jobs_job j ON j.budget_request_id = r.id "
                "WHERE r.state = 'open' AND j.status = 'awaiting_budget' GROUP BY r.id, r.credits"
            )
            for asked, parked in cursor.fetchall():
                assert asked == parked, f"{asked} credits are asked for, and {parked} needed"
            cursor.execute(
                "SELECT id FROM jobs_job j WHERE is_unkept <> "
                "(EXISTS (SELECT 1 FROM jobs_rendition WHERE job_id = j.id) "
                "AND NOT EXISTS (SELECT 1 FROM jobs_rendition WHERE job_id = j.id "
                "AND state NOT IN ('expired', 'rejected')))"
            )
            assert not cursor.fetchall(), "whether a file is kept is not what its job says"
        self._check_ends({job.pk: job.status for job in jobs})
        self._check_money(jobs, entries, budgets)
        self._check_orders(jobs)
        self._check_tables()

    def _check_tables(self) -> None:
        """A row of a table is ordered once; of all or nothing, all are ordered or none is."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT b.id, b.state, b.choice, r.number, r.job_id, r.error "
                "FROM jobs_batch b JOIN jobs_batchrow r ON r.batch_id = b.id"
            )
            rows = [(UUID(str(pk)), *facts) for pk, *facts in cursor.fetchall()]
            cursor.execute("SELECT submission_key, id FROM jobs_job")
            keys = [(UUID(str(key)), UUID(str(pk))) for key, pk in cursor.fetchall()]
        ordered = defaultdict[UUID, list[bool]](list)
        for pk, state, _, number, job, error in rows:
            made = [each for key, each in keys if key == uuid5(pk, str(number))]
            its = UUID(str(job)) if job else None
            assert made in ([], [its]), f"row {number} of {pk} has {its}, ordered was {made}"
            assert state != "ordered" or job or error, f"row {number} of {pk} was forgotten"
            ordered[pk].append(job is not None)
        for pk in {pk for pk, _, choice, *_ in rows if choice == "all"}:
            assert len({*ordered[pk]}) == 1, f"of {pk}, all or nothing, {ordered[pk]}"

    def check_tables_ended(self) -> None:
        """In the end no table waits for anybody to go on with it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, trouble FROM jobs_batch WHERE state = 'ordering'")
            assert cursor.fetchall() == []

    def _check_orders(self, jobs: list[Row]) -> None:
        """One order for one confirmation; each job its own work; no failure that is a guess."""
        made = {work.job: work for work in self._account.work.values()}
        for pk, number in Counter(self._account.orders).items():
            assert number <= 1, f"job {pk} was ordered {number} times"
        for job in jobs:
            # A larger copy goes by the id of its source.
            if job.external_id and job.kind not in UPGRADES:
                work = self._account.work[job.external_id]
                assert work.job == job.pk, f"job {job.pk} has the work of {work.job}"
            stated = job.error_code == "written-off"
            if job.status == Status.FAILED and job.pk in self._account.orders and not stated:
                assert job.pk in made, f"job {job.pk} failed, and nobody can know that"
                assert made[job.pk].flag > 1, f"job {job.pk} failed, and its work did not"

    def _check_ends(self, statuses: dict[UUID, str]) -> None:
        for pk, status in statuses.items():
            before = self.statuses.get(pk, status)
            if before in ENDED and status != before:
                assert before in REVIVED, f"job {pk} was {before}, and is {status}"
                assert status == Status.SUCCEEDED, f"job {pk} was {before}, and is {status}"
        assert self.statuses.keys() <= statuses.keys()
        self.statuses = statuses

    def _check_money(
        self, jobs: list[Row], entries: list[Entry], budgets: list[tuple[int, int, int, int | None]]
    ) -> None:
        held = Counter[tuple[UUID | None, str]]()
        spent = Counter[tuple[UUID | None, str]]()
        days: dict[UUID, set[str]] = {}
        for entry in entries:
            held[entry.job, entry.scope] += entry.held
            if entry.kind != "grant":
                spent[entry.job, entry.scope] -= entry.credits
            if entry.job and entry.kind in ("hold", "settle", "release"):
                days.setdefault(entry.job, set()).add(entry.booked_on)
        for job in jobs:
            expected = job.quote if job.status in LIVE else 0
            scopes = ("own", "project", "team") if job.paid_project else ("own", "team")
            for scope in scopes:
                on_hold = held[job.pk, scope]
                assert on_hold == expected, f"job {job.pk} is {job.status}, {on_hold} held"
                # L8: spent by people = spent on projects = spent by the team.
                assert spent[job.pk, scope] == spent[job.pk, "own"]
            # L9: what a job costs counts for the day of its hold.
            assert len(days.get(job.pk, ())) <= 1
        for pk, balance, on_hold, owner in budgets:
            ours = [entry for entry in entries if entry.budget == pk]
            assert balance == sum(entry.credits for entry in ours)
            assert on_hold == sum(entry.held for entry in ours)
            # Nobody can spend more than was granted, but for what providers charge above a quote,
            # for videos that turn up after their credits were given back, and for what was taken
            # away from them meanwhile.
            beyond = [e.credits for e in ours if e.credits < 0 and e.kind in _BEYOND]
            assert owner is None or balance - on_hold >= sum(beyond)

    def room(self, user: User, project_id: int | None) -> int | None:
        """What a job of this person may cost now (L6); None before the periods are open."""
        day = timezone.localdate()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT owner_id, project_id, balance - held, is_capped FROM jobs_budget "
                "WHERE period IS NULL OR (period <= %s AND until > %s)",
                [day, day],
            )
            rows = cursor.fetchall()
        own = [free for owner, _, free, _ in rows if owner == user.pk]
        shared = [
            free
            for owner, project, free, capped in rows
            if owner is None and project in (None, project_id) and capped
        ]
        user.refresh_from_db()
        is_open = not user.allowance or len(own) > 1
        return min(sum(max(free, 0) for free in own), *shared, 10**9) if is_open else None

    # ── In the end ───────────────────────────────────────────────────────────────────────────────

    def check_recovered(self, heard_before: set[UUID]) -> None:
        """Every piece of work is its job's, and what it cost is what was spent, once.

        `heard_before` are the jobs whose callback had come before it came for the last time.
        """
        assert ledger.audit() == []
        made = {work.job: work for work in self._account.work.values() if work.job}
        for job in Job.objects.select_related("source"):
            if job.kind in UPGRADES:
                continue
            work, spent = made.get(job.pk), ledger.spent_on(job)
            story = f"{job!r}, {job.error_code}: {spent} of {job.quote} spent on {work}"
            if job.status == Status.LOST:
                # Paid in full, for want of anybody to ask: by its documented rule.
                assert spent == job.quote, story
                late = work and work.flag == 1 and not work.is_forgotten
                assert not late or job.pk in heard_before, story
            elif work is None or work.is_forgotten:
                unsent = (
                    Status.AWAITING_BUDGET,
                    Status.CANCELED,
                    Status.FAILED,
                    Status.UNCERTAIN,
                )
                assert job.status in unsent or work, story
                assert spent == 0 or work, story
            else:
                self._check_paid(job, work, spent, story)
        for (source, size), work in self._account.larger.items():
            self._check_larger(source, size, work)
        self._check_histories()

    def _check_larger(self, source: str, size: str, work: Work) -> None:
        """Of all jobs that asked for a larger copy exactly one has it, and paid for it."""
        asked = Job.objects.filter(source__external_id=source, kind=f"upgrade_{size}")
        ended = [job for job in asked if job.status in (Status.SUCCEEDED, Status.LOST)]
        spent = sum(ledger.spent_on(job) for job in asked)
        story = f"{[(job.status, job.error) for job in asked]} with {spent} spent on {work}"
        assert len(ended) == 1 or self._account.work[source].is_forgotten, story
        assert spent == len(ended) * work.price, story

    def _check_paid(self, job: Job, work: Work, spent: int, story: str) -> None:
        assert job.external_id == work.id, story
        if work.flag == 1:
            assert (job.status, spent) == (Status.SUCCEEDED, work.cost), story
        elif job.error_code == "written-off":
            assert (job.status, spent) == (Status.FAILED, 0), story
        else:
            assert (job.status, spent) == (Status.FAILED, work.cost), story

    def _check_histories(self) -> None:
        """The lines of history lead from the first status to the present one, by allowed moves."""
        last: dict[UUID, str] = {}
        lines: Any = JobEvent.objects.order_by("id").values_list("job", "before", "after")
        for job, before, after in lines:
            assert before == last.get(job, "")
            assert before in ("", after) or after in MOVES[before]
            last[job] = after
        assert last == dict(Job.objects.order_by().values_list("pk", "status"))
