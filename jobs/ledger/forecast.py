"""Soft limits: how near a budget is to its end, and when it will get there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from jobs.ledger import Standing, today
from jobs.ledger.periods import period_of
from jobs.models import Job, Project, User
from jobs.times import moments

THRESHOLDS = (95, 80)
"""Percent of what was given, spent or held, at which somebody is told (`jobs.budget_warnings`)."""
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
