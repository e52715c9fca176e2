"""Tells people, once at each threshold, how near a budget is to its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet, Sum

from jobs import ledger, news
from jobs.ledger import Standing, forecast, today
from jobs.models import Budget, BudgetWarning, Job, LedgerEntry, Project, Team, User, prepared


def notice(job_id: UUID) -> None:
    """Warn of each budget of this job that passed a threshold. Call after its hold is committed."""
    (job,) = prepared.rows("noticed", _paid_for, job_id)
    _notice_people({job.payer: ledger.standing_of(job.payer)})
    if job.paid_project and job.paid_project.cap is not None:
        _notice_projects([job.paid_project])
    _notice_team()


def _paid_for(job_id: UUID) -> QuerySet[Job]:
    return Job.objects.select_related("payer", "paid_project").filter(pk=job_id)


def notice_all() -> None:
    """The same for every budget there is."""
    people = list(User.objects.filter(is_active=True))
    standings = ledger.standings_of(people)
    _notice_people({user: standings[user.pk] for user in people})
    _notice_projects(Project.objects.filter(cap__isnull=False))
    _notice_team()


def _notice_people(standings: Mapping[User, Standing]) -> None:
    for user, standing in standings.items():
        if not (threshold := forecast.threshold_of(standing)):
            continue
        rows = Budget.objects.filter(owner=user).in_force(today())
        # All that was ever given: topped up to the same figure as before, it is a new one.
        given = LedgerEntry.objects.filter(budget__in=rows, job=None).aggregate(
            total=Sum("credits")
        )
        budget = rows.order_by(F("period").desc(nulls_last=True))[0]
        _warn(budget, threshold, given["total"] or 0)


def _notice_projects(projects: Iterable[Project]) -> None:
    wanted = list(projects)
    standings = ledger.standings_of_projects(wanted)
    for project in wanted:
        if threshold := forecast.threshold_of(standings[project.pk]):
            _warn(Budget.objects.get(project=project), threshold, standings[project.pk].given)


def _notice_team() -> None:
    team = Team.current()
    if team.monthly_cap is None:
        return
    standing = ledger.standing_of_team(team)
    budget = Budget.objects.of_team().in_force(today()).first()
    if budget and (threshold := forecast.threshold_of(standing)):
        _warn(budget, threshold, standing.given)


def _warn(budget: Budget, threshold: int, given: int) -> None:
    said: dict[str, Any] = {"budget": budget, "given": given}
    if BudgetWarning.objects.filter(percent__gte=threshold, **said).exists():
        return
    try:
        with transaction.atomic():
            warning = BudgetWarning.objects.create(percent=threshold, **said)
            news.warned(warning)
    except IntegrityError:
        # Another worker noticed at the same moment: it is said once.
        return
