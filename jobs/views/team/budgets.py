"""Budgets: allowances, caps, and how far each is spent. For admins only."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from jobs import ledger, letters
from jobs.forms import AllowanceForm, ProjectCapForm, TeamCapForm, search_words
from jobs.letters import isolated
from jobs.models import Notice, Project, User
from jobs.views.access import Request, admin_required
from jobs.views.http.bell import saw
from jobs.views.proof import proof_required
from jobs.views.team import change
from jobs.views.team import page as people_page
from jobs.views.team.budget_rows import (
    BudgetRow,
    row_of_team,
    rows_of_people,
    rows_of_projects,
)

NAMES = "change-%s"


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
@proof_required
def page(request: Request) -> HttpResponse:
    """Every budget there is, and with POST one changed limit."""
    if request.method != "POST":
        return _page(request)
    form: forms.Form
    if "user" in request.POST:
        form = AllowanceForm(request.POST, auto_id=NAMES)
    elif "project" in request.POST:
        form = ProjectCapForm(request.POST, auto_id=NAMES)
    else:
        form = TeamCapForm(request.POST, auto_id=NAMES)
    if form.is_valid():
        messages.success(request, _change(form, request.user))
        return _changed(request, form)
    if "user" in form.errors or "project" in form.errors:
        messages.error(request, "Nothing was changed. Choose a budget that is in use.")
        if request.htmx:
            # A list that no longer has the row of this dialog.
            return HttpResponseClientRefresh()
        return _page(request, status=422)
    return _ask(request, form, _row(form))


@require_safe
@admin_required
def allowance(request: Request, person_id: int) -> HttpResponse:
    """The form with which somebody's allowance is set."""
    person = get_object_or_404(User, pk=person_id, is_active=True)
    first = {"user": person.pk, "allowance": person.allowance}
    return _ask(request, AllowanceForm(initial=first, auto_id=NAMES), rows_of_people([person])[0])


@require_safe
@admin_required
def project_cap(request: Request, project_id: int) -> HttpResponse:
    """The form with which a project's cap is set or lifted."""
    project = get_object_or_404(Project, pk=project_id)
    first = {"project": project.pk, "cap": project.cap}
    return _ask(
        request, ProjectCapForm(initial=first, auto_id=NAMES), rows_of_projects([project])[0]
    )


@require_safe
@admin_required
def team_cap(request: Request) -> HttpResponse:
    """The form with which the team's cap is set or lifted."""
    row = row_of_team()
    return _ask(request, TeamCapForm(initial={"monthly_cap": row.limit}, auto_id=NAMES), row)


def _ask(request: Request, form: forms.Form, row: BudgetRow) -> HttpResponse:
    whose = "the team" if row.kind == "team" else isolated(row.name)
    return change.ask(
        request,
        form,
        title=f"{row.label} of {whose}",
        verb=f"Set {row.label.lower()}",
        back=reverse("budgets"),
        back_name="Budgets",
        whose=row.name,
        budget=row.budget,
        threshold=row.threshold,
        outlook=row.outlook,
    )


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


def _changed(request: Request, form: forms.Form) -> HttpResponse:
    """The row as it is now, where a dialog stands over a list that has it."""
    if not request.htmx:
        return redirect("budgets")
    if change.open_page(request).startswith(reverse("projects")):
        # The page of the project itself.
        return HttpResponseClientRefresh()
    if isinstance(form, AllowanceForm) and change.open_page(request) == reverse("team"):
        person = form.cleaned_data["user"]
        context = {"row": people_page.row_of(person), "entries": people_page.entries()}
        return render(request, "team/_person_changed.html", context)
    return render(request, "team/_limit_changed.html", {"row": _row(form), **_everything()})


def _row(form: forms.Form) -> BudgetRow:
    """The budget that a form was sent for, as it is now."""
    if isinstance(form, AllowanceForm):
        return rows_of_people([User.objects.get(pk=form.data["user"])])[0]
    if isinstance(form, ProjectCapForm):
        return rows_of_projects([Project.objects.get(pk=form.data["project"])])[0]
    return row_of_team()


def _page(request: Request, *, status: int = 200) -> HttpResponse:
    saw(request, Q(kind=Notice.Kind.BUDGET))
    query = search_words(request.GET.get("q", "")).strip()
    context = _everything(letters.words_of(query))
    return render(request, "team/budgets.html", {**context, "query": query}, status=status)


def _everything(wanted: Sequence[str] = ()) -> dict[str, Any]:
    """Every budget whose name has what is wanted, and those that are nearly spent."""
    users = sorted(User.objects.filter(is_active=True), key=attrgetter("label_key"))
    people, projects = rows_of_people(users), rows_of_projects(list(Project.objects.all()))
    team = row_of_team()
    return {
        "people": _named(people, wanted),
        "projects": _named(projects, wanted),
        "number": len(people) + len(projects),
        "team_row": team,
        "team": team.subject,
        "near": [row for row in (team, *projects, *people) if row.threshold],
    }


def _named(rows: list[BudgetRow], wanted: Sequence[str]) -> list[BudgetRow]:
    return [row for row in rows if letters.has_words(row.names_to_find, wanted)]
