"""Raise limits for what is asked for and answer the request, or do neither."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.db import transaction
from django.db.models import F

from jobs import ledger
from jobs.lifecycle.ordering.approving import admit, approve
from jobs.lifecycle.ordering.submission import NotSubmitted
from jobs.models import BudgetRequest, Job, Project, Team, User
from jobs.models.jobs.status import Status


class Limit(StrEnum):
    """The limits that can be raised."""

    GRANT = "grant"
    ALLOWANCE = "allowance"
    PROJECT = "project"
    TEAM = "team"


@transaction.atomic
def raise_limits(
    request: BudgetRequest, by: User, raises: Mapping[Limit, int], *, reason: str
) -> None:
    """Raise each of these limits of what is parked by so many credits, and send that.

    Raises `NotSubmitted` where that is not enough or it waits no more, and
    `ledger.OutOfRange`; nothing has changed then.
    """
    job = request.job
    if job is None:
        raise NotSubmitted("No video is waiting for this.")
    user, project = request.requester, job.paid_project
    _lock(raises, user, project)
    # Then in the order of every decision: the request, the source, the job, the budgets.
    BudgetRequest.objects.filter(pk=request.pk).update(state=F("state"))
    Job.objects.filter(derived=job).update(version=F("version"))
    Job.objects.filter(budget_request=request).update(version=F("version"))
    ledger.line_up(job, ledger.today())
    if credits := raises.get(Limit.GRANT):
        ledger.grant(user, credits, reason=reason, actor=by)
    if credits := raises.get(Limit.ALLOWANCE):
        allowance = User.objects.get(pk=user.pk).allowance
        ledger.set_allowance(user, allowance + credits, reason=reason, actor=by)
    if (credits := raises.get(Limit.PROJECT)) and project:
        cap = _there(Project.objects.get(pk=project.pk).cap)
        ledger.set_project_cap(project, cap + credits, reason=reason, actor=by)
    if credits := raises.get(Limit.TEAM):
        cap = _there(Team.current().monthly_cap)
        ledger.set_team_cap(cap + credits, reason=reason, actor=by)
    # Of several takes the one that was read may have been called off since.
    parked = Job.objects.filter(budget_request=request, status=Status.AWAITING_BUDGET)
    admit(parked.first() or job, by, raised=reason)


@transaction.atomic
def approve_with_cap(request: BudgetRequest, by: User) -> int:
    """Grant what is asked for ahead, and raise its project's cap by what it leaves too little.

    The credits by which the cap was raised: 0 where there is none by now, or enough left below
    it. Raises `AlreadyDecided`, and `ledger.OutOfRange`; nothing has changed then.
    """
    project = request.project
    if request.job or project is None:
        raise NotSubmitted("This request names no project.")
    _lock([Limit.PROJECT], request.requester, project)
    approve(request, by)
    # Read anew: the request was read before its project was locked.
    request = BudgetRequest.objects.select_related("requester", "project").get(pk=request.pk)
    lacks = ledger.fits_of([request])[request.pk].lacks.get("project", 0)
    if lacks:
        cap = _there(Project.objects.get(pk=project.pk).cap)
        reason = f"Asked for by {request.requester.username}: {request.reason}"[:300]
        ledger.set_project_cap(project, cap + lacks, reason=reason, actor=by)
    return lacks


def _lock(limits: Mapping[Limit, int] | list[Limit], user: User, project: Project | None) -> None:
    """Lock the rows that the limits stand on: of two admins who raise one at once, both count.

    First of all, and in the order in which people leave: the team, the person, the project.
    """
    if Limit.TEAM in limits:
        Team.objects.filter(pk=1).update(monthly_cap=F("monthly_cap"))
    if Limit.ALLOWANCE in limits:
        User.objects.filter(pk=user.pk).update(allowance=F("allowance"))
    if Limit.PROJECT in limits and project:
        Project.objects.filter(pk=project.pk).update(cap=F("cap"))


def _there(cap: int | None) -> int:
    """The cap as it is. Raising one that is not there would make one."""
    if cap is None:
        raise NotSubmitted("The cap was removed. Try again without raising it.")
    return cap
