"""Budgets: allowances, caps, and how far each is spent. For admins only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from jobs import forecast, ledger
from jobs.forecast import SpendingPace
from jobs.forms import AllowanceForm, ProjectCapForm, TeamCapForm
from jobs.ledger import Standing
from jobs.letters import isolated
from jobs.models import Notice, Project, Team, User
from jobs.views.access import Request, admin_required
from jobs.views.bell import saw
from jobs.views.proof import proof_required

UNKNOWN = SpendingPace(credits=0, jobs=0, days=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """One budget as the page shows it. Plain values: of 200 people, 200 forms take their time."""

    subject: Any
    """A person, a project, or the team."""
    budget: Standing
    outlook: str
    name: str
    """Of the form's field for the limit."""
    label: str
    limit: int | None
    bound: forms.Form | None = None
    """The form that was sent for this budget and had mistakes."""

    @property
    def threshold(self) -> int:
        return forecast.threshold_of(self.budget)

    @property
    def anchor(self) -> str:
        """Its anchor on the page."""
        return f"{type(self.subject).__name__.lower()}-{self.subject.pk}"

    @property
    def typed(self) -> Any:
        return self.bound[self.name].value() if self.bound else self.limit

    @property
    def field(self) -> forms.BoundField | None:
        return self.bound[self.name] if self.bound else None


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
@proof_required
def page(request: Request) -> HttpResponse:
    """Every budget there is, and with POST one changed limit."""
    if request.method != "POST":
        return _page(request)
    form: forms.Form
    if "user" in request.POST:
        form = AllowanceForm(request.POST)
    elif "project" in request.POST:
        form = ProjectCapForm(request.POST)
    else:
        form = TeamCapForm(request.POST)
    if not form.is_valid():
        return _page(request, bound=form, status=422)
    messages.success(request, _change(form, request.user))
    return redirect("budgets")


def _change(form: forms.Form, by: User) -> str:
    """Set the limit of a valid form; what that means, in a sentence. Sent twice it changes once."""
    data = form.cleaned_data
    reason = data["reason"]
    if isinstance(form, AllowanceForm):
        user, credits = data["user"], data["allowance"]
        ledger.set_allowance(user, credits, reason=reason, actor=by)
        return f"{isolated(user.label)} gets {credits:,} credits every month."
    cap = data["cap"] if isinstance(form, ProjectCapForm) else data["monthly_cap"]
    if isinstance(form, ProjectCapForm):
        project = data["project"]
        ledger.set_project_cap(project, cap, reason=reason, actor=by)
        if cap is None:
            return f"The project {isolated(project.name)} has no cap."
        return f"The project {isolated(project.name)} can spend {cap:,} credits in total."
    ledger.set_team_cap(cap, reason=reason, actor=by)
    if cap is None:
        return "The team has no cap."
    return f"The team can spend {cap:,} credits every month."


def _page(request: Request, *, bound: forms.Form | None = None, status: int = 200) -> HttpResponse:
    saw(request, Q(kind=Notice.Kind.BUDGET))
    people, projects, team = _people(bound), _projects(bound), _team(bound)
    context = {
        "people": people,
        "projects": projects,
        "team_row": team,
        "team": team.subject,
        "near": [row for row in (team, *projects, *people) if row.threshold],
    }
    return render(request, "team/budgets.html", context, status=status)


def _people(bound: forms.Form | None) -> list[BudgetRow]:
    users = list(User.objects.filter(is_active=True).order_by("name_key"))
    standings = ledger.standings_of(users)
    paces = forecast.paces_of({user: standings[user.pk] for user in users})
    whose = bound.data["user"] if isinstance(bound, AllowanceForm) else ""
    return [
        BudgetRow(
            subject=user,
            budget=standings[user.pk],
            outlook=forecast.outlook(standings[user.pk], paces[user.pk]),
            name="allowance",
            label="Monthly allowance",
            limit=user.allowance,
            bound=bound if whose == str(user.pk) else None,
        )
        for user in users
    ]


def _projects(bound: forms.Form | None) -> list[BudgetRow]:
    projects = list(Project.objects.all())
    standings = ledger.standings_of_projects(projects)
    paces = forecast.paces_of_projects([each for each in projects if each.cap is not None])
    which = bound.data["project"] if isinstance(bound, ProjectCapForm) else ""
    return [
        BudgetRow(
            subject=each,
            budget=standings[each.pk],
            outlook=forecast.outlook(standings[each.pk], paces.get(each.pk, UNKNOWN)),
            name="cap",
            label="Cap",
            limit=each.cap,
            bound=bound if which == str(each.pk) else None,
        )
        for each in projects
    ]


def _team(bound: forms.Form | None) -> BudgetRow:
    team = Team.current()
    standing = ledger.standing_of_team(team)
    return BudgetRow(
        subject=team,
        budget=standing,
        outlook=forecast.outlook(standing, forecast.pace_of_team(standing)),
        name="monthly_cap",
        label="Monthly cap",
        limit=team.monthly_cap,
        bound=bound if isinstance(bound, TeamCapForm) else None,
    )
