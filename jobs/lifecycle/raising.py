"""More room for a parked job: a limit is raised and the job sent, or neither."""

from __future__ import annotations

from enum import StrEnum

from django.db import transaction
from django.db.models import F

from jobs import ledger
from jobs.lifecycle.approving import admit
from jobs.lifecycle.submission import NotSubmitted
from jobs.models import BudgetRequest, Job, Project, Team, User


class Limit(StrEnum):
    """What can be raised."""

    GRANT = "grant"
    ALLOWANCE = "allowance"
    PROJECT = "project"
    TEAM = "team"


@transaction.atomic
def make_room(request: BudgetRequest, limit: Limit, credits: int, by: User, *, reason: str) -> None:
    """Raise one limit of the request's job by so many credits, and send the job.

    Raises `NotSubmitted` where that is not enough or the job waits no more, and
    `ledger.OutOfRange`; nothing has changed then.
    """
    if request.job is None:
        raise NotSubmitted("There is no job that waits for this.")
    # In the order of every decision: the request, the source, the job, the limit, the budgets.
    BudgetRequest.objects.filter(pk=request.pk).update(state=F("state"))
    Job.objects.filter(derived=request.job).update(version=F("version"))
    Job.objects.filter(pk=request.job.pk).update(version=F("version"))
    user, project = request.requester, request.job.project
    day = ledger.today()
    if limit == Limit.GRANT:
        ledger.line_up(request.job, day)
        ledger.grant(user, credits, reason=reason, actor=by)
    elif limit == Limit.ALLOWANCE:
        # Each limit's row is locked first: of two admins who raise it at once, both count.
        people = User.objects.filter(pk=user.pk)
        people.update(allowance=F("allowance"))
        ledger.line_up(request.job, day)
        ledger.set_allowance(user, people.get().allowance + credits, reason=reason, actor=by)
    elif limit == Limit.PROJECT and project:
        projects = Project.objects.filter(pk=project.pk)
        projects.update(cap=F("cap"))
        ledger.line_up(request.job, day)
        cap = _there(projects.get().cap)
        ledger.set_project_cap(project, cap + credits, reason=reason, actor=by)
    elif limit == Limit.TEAM:
        Team.objects.filter(pk=1).update(monthly_cap=F("monthly_cap"))
        ledger.line_up(request.job, day)
        cap = _there(Team.current().monthly_cap)
        ledger.set_team_cap(cap + credits, reason=reason, actor=by)
    # Read anew: what was just raised stands on its owner and its project.
    fresh = Job.objects.select_related("owner", "project", "source").get(pk=request.job.pk)
    admit(fresh, by, answer=reason)


def _there(cap: int | None) -> int:
    """The cap as it is. Raising one that is not there would make one."""
    if cap is None:
        raise NotSubmitted("There is no cap to raise any more. Try again without.")
    return cap
