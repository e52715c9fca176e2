"""Soft limits: how near a budget is to its end, when it will get there, and who is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Min, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from jobs import ledger, news
from jobs.ledger import Standing, today
from jobs.ledger.periods import period_of
from jobs.models import Budget, BudgetWarning, Job, LedgerEntry, Project, Team, User, prepared
from jobs.times import moments

THRESHOLDS = (95, 80)
"""Percent of what was given, spent or held, at which somebody is told."""
WINDOW = timedelta(days=14)
"""The days over which the pace is measured where there is no period."""
HISTORY_DAYS_MIN, HISTORY_JOBS_MIN = 3, 3
FAR = timedelta(days=365)
"""An end beyond this is no news."""
FEW = 5
"""Up to so many budgets, their pace is looked up by whose they are; of more, by day."""


@dataclass(frozen=True, slots=True)
class SpendingPace:
    """Credits spent or held over so many days, the first and the last included."""

    credits: int
    jobs: int
    days: int


def threshold_of(standing: Standing) -> int:
    """The highest threshold that is passed; 0 for none."""
    if not standing.is_capped or standing.given <= 0:
        return 0
    used = 100 * standing.used
    return next((threshold for threshold in THRESHOLDS if used >= threshold * standing.given), 0)


def ends_on(standing: Standing, pace: SpendingPace) -> date | None:
    """The day on which what is free will be spent; None where nobody can tell yet."""
    if pace.days < HISTORY_DAYS_MIN or pace.jobs < HISTORY_JOBS_MIN or not pace.credits:
        return None
    days = standing.available * pace.days // pace.credits
    return today() + timedelta(days) if timedelta(min(days, 10_000)) <= FAR else date.max


def outlook(standing: Standing, pace: SpendingPace) -> str:
    """Say in a sentence until when a budget lasts; '' where there is nothing to say."""
    end = ends_on(standing, pace)
    if end is None or not standing.is_capped or not standing.available:
        return ""
    if standing.resets_on and end >= standing.resets_on:
        return (
            f"At this pace, credits last until the reset on {moments.in_words(standing.resets_on)}."
        )
    return "" if end == date.max else f"At this pace, credits run out on {in_words(end)}."


def in_words(day: date) -> str:
    """1 Dec, and with its year where that is not this one."""
    text = f"{day.day} {day:%b}"
    return text if day.year == today().year else f"{text} {day.year}"


# ── Pace ─────────────────────────────────────────────────────────────────────
def paces_of(people: Mapping[User, Standing]) -> dict[int, SpendingPace]:
    """The pace of each person's spending, by their id: one query."""
    since = {
        user.pk: max(_begun(standing.resets_on), _day(user.date_joined))
        for user, standing in people.items()
    }
    return _paces("payer", since)


def paces_of_projects(projects: Iterable[Project]) -> dict[int, SpendingPace]:
    since = {each.pk: max(_begun(None), _day(each.created_at)) for each in projects}
    return _paces("paid_project", since)


def pace_of_team(standing: Standing) -> SpendingPace:
    first = User.objects.aggregate(first=Min("date_joined"))["first"]
    since = _begun(standing.resets_on)
    if first:
        since = max(since, _day(first))
    facts = _paid(Job.objects.all(), since).aggregate(credits=_CREDITS, jobs=Count("pk"))
    return SpendingPace(facts["credits"] or 0, facts["jobs"], (today() - since).days + 1)


_CREDITS = Sum(Coalesce("charged", "quote"))
"""A job counts as what it cost, or while that is open as what it holds."""


def _paces(scope: str, since: Mapping[int, date]) -> dict[int, SpendingPace]:
    if not since:
        return {}
    # Served by job_payer_day; of projects, and of many people, by job_day.
    few = {f"{scope}__in": list(since)} if len(since) <= FEW else {f"{scope}__isnull": False}
    jobs = Job.objects.filter(**few)
    days = _paid(jobs, min(since.values())).order_by().values_list(scope, "booked_on")
    found = {number: [0, 0] for number in since}
    for number, day, credits, count in days.annotate(credits=_CREDITS, jobs=Count("pk")):
        if number in since and day >= since[number]:
            found[number][0] += credits
            found[number][1] += count
    return {
        number: SpendingPace(credits, jobs, (today() - since[number]).days + 1)
        for number, (credits, jobs) in found.items()
    }


def _paid(jobs: QuerySet[Job], since: date) -> QuerySet[Job]:
    return jobs.filter(booked_on__gte=since, booked_on__lte=today()).exclude(charged=0)


def _begun(resets_on: date | None) -> date:
    """The first day of the running period; where there is none, of the last two weeks."""
    if resets_on is None:
        return today() - WINDOW + timedelta(days=1)
    return period_of(resets_on - timedelta(days=1), resets_on.day)[0]


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)


# ── Warnings ─────────────────────────────────────────────────────────────────
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
        if not (threshold := threshold_of(standing)):
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
        if threshold := threshold_of(standings[project.pk]):
            _warn(Budget.objects.get(project=project), threshold, standings[project.pk].given)


def _notice_team() -> None:
    team = Team.current()
    if team.monthly_cap is None:
        return
    standing = ledger.standing_of_team(team)
    budget = Budget.objects.of_team().in_force(today()).first()
    if budget and (threshold := threshold_of(standing)):
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
