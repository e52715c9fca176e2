"""The credits there are to spend, for people to read. Looks and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet, Sum

from jobs.ledger.periods import next_reset, today
from jobs.models import Budget, BudgetRequest, LedgerEntry, Project, Team, User, prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The figures of one scope, over all its budgets that are in force."""

    balance: int
    """Given and not yet spent."""
    held: int
    given: int
    """The credits there were when some were last given."""
    is_capped: bool = True
    """There is a bound; without one, `balance` counts down from 0."""
    resets_on: date | None = None
    """The day on which an allowance or a monthly cap begins anew."""
    is_frozen: bool = False
    approved: int = 0
    """Given for single jobs beyond a cap; of projects and of the team."""
    debt: int = 0
    """The credits that one of a person's budgets lacks; the others can be spent all the same."""
    granted_debt: int = 0
    """The part of it that the next grant covers before it can be spent."""

    @property
    def available(self) -> int:
        """The most that the next job may cost."""
        return max(self.balance - self.held + self.debt, 0)

    @property
    def used(self) -> int:
        """Spent or held, of what was given last."""
        return max(self.given - self.balance + self.held, 0)

    @property
    def spent(self) -> int:
        """Spent of what was given last, or in all where there is no cap, and not held any more."""
        # Credits for a single video are there beside what was given.
        return max(self.given - self.balance + self.approved, 0)


@dataclass(frozen=True, slots=True)
class CapLeft:
    """The credits that a cap leaves: a project's, or the team's in this period."""

    project: Project | None
    left: int
    until: date | None = None
    """The day it begins anew."""


@dataclass(frozen=True, slots=True)
class Means:
    """The credits that a person can spend: their own, and what every cap leaves."""

    own: Standing
    purses: list[Budget]
    """The budgets that make up their own, in the order they are spent in."""
    caps: list[CapLeft]
    """The projects', then the team's."""


def means_of(user: User) -> Means:
    """Read what this person can spend today: one query."""
    day = today()
    rows = prepared.rows("means", _means, user.pk, day)
    caps = [CapLeft(row.project, row.available) for row in rows if row.project]
    of_team = [row for row in rows if not row.owner_id and not row.project]
    if of_team and (latest := max(of_team, key=lambda row: row.period or day)).is_capped:
        # Where its period is over, nothing was spent yet in the one that has begun since.
        is_over = latest.until is not None and latest.until <= day
        left, until = (latest.given, None) if is_over else (latest.available, latest.until)
        caps.append(CapLeft(None, left, until))
    purses = sorted((row for row in rows if row.owner_id), key=lambda row: row.until or date.max)
    return Means(_standings({user: purses})[user.pk], purses, caps)


def _means(user_id: int, day: date) -> QuerySet[Budget]:
    own = _own(user_id, day)
    shared = Budget.objects.filter(Q(project=None) | Q(is_capped=True), owner=None)
    return (own | shared).select_related("project")


def standing_of(user: User) -> Standing:
    """A person's own credits: what they were granted, and this period's allowance."""
    found = prepared.rows("own budgets", _own, user.pk, today())
    return _standings({user: found})[user.pk]


def _own(user_id: int, day: date) -> QuerySet[Budget]:
    return Budget.objects.filter(owner=user_id).in_force(day)


def standings_of(people: Iterable[User]) -> dict[int, Standing]:
    """Each person's own credits, by their id: two queries however many they are."""
    found: dict[User, list[Budget]] = {user: [] for user in people}
    by_id = {user.pk: user for user in found}
    for row in Budget.objects.filter(owner__in=found).in_force(today()):
        found[by_id[row.owner_id or 0]].append(row)
    return _standings(found)


def _standings(found: dict[User, list[Budget]]) -> dict[int, Standing]:
    # Nothing was spent from it yet, so its period has no budget of its own so far.
    unborn = {
        user.pk: user.allowance
        for user, rows in found.items()
        if user.allowance and not any(row.period for row in rows)
    }
    begins = next_reset(today(), Team.current().reset_day) if unborn else None
    return {
        user.pk: _of_person(rows, unborn.get(user.pk, 0), begins) for user, rows in found.items()
    }


def standing_of_project(project: Project) -> Standing:
    return standings_of_projects([project])[project.pk]


def standings_of_projects(projects: Iterable[Project]) -> dict[int, Standing]:
    """The credits spent on each project, and left where it is capped: two queries."""
    wanted = list(projects)
    found = {row.project_id: row for row in Budget.objects.filter(project__in=wanted)}
    approved = _approved()
    return {each.pk: _of_one(found.get(each.pk), each.cap, None, approved) for each in wanted}


def standing_of_team(team: Team) -> Standing:
    rows = list(Budget.objects.of_team().in_force(today()))
    row = rows[0] if rows else None
    resets_on = row.until if row else next_reset(today(), team.reset_day)
    return _of_one(row, team.monthly_cap, resets_on, _approved())


def _approved() -> dict[int, int]:
    """Credits given for single jobs beyond the caps, by budget. Few ever ask, so few rows."""
    # From the requests on: the other way would read every entry of the project and of the team.
    grants = BudgetRequest.objects.filter(
        state=BudgetRequest.State.APPROVED,
        job__entries__kind=LedgerEntry.Kind.GRANT,
        job__entries__budget__owner=None,
    )
    sums = grants.order_by().values_list("job__entries__budget")
    return dict(sums.annotate(total=Sum("job__entries__credits")))


def _of_one(
    row: Budget | None, cap: int | None, resets_on: date | None, approved: dict[int, int]
) -> Standing:
    if row is None:
        return Standing(
            balance=cap or 0,
            held=0,
            given=cap or 0,
            is_capped=cap is not None,
            resets_on=resets_on,
        )
    return Standing(
        balance=row.balance,
        held=row.held,
        given=row.given,
        is_capped=cap is not None,
        resets_on=resets_on,
        is_frozen=row.is_frozen,
        approved=approved.get(row.pk, 0),
    )


def _of_person(rows: list[Budget], unborn: int, resets_on: date | None) -> Standing:
    running = next((row.until for row in rows if row.until), None)
    return Standing(
        balance=sum(row.balance for row in rows) + unborn,
        held=sum(row.held for row in rows),
        given=sum(row.given for row in rows) + unborn,
        resets_on=running or (resets_on if unborn else None),
        is_frozen=any(row.is_frozen for row in rows),
        debt=sum(max(row.held - row.balance, 0) for row in rows),
        granted_debt=sum(max(row.held - row.balance, 0) for row in rows if not row.period),
    )
