"""What people ask for beyond their budgets, and what an admin answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from jobs import ledger, lifecycle
from jobs.forms import DeclineForm, RaiseForm, digits
from jobs.ledger import Standing
from jobs.models import BudgetRequest, Job, Team
from jobs.views.access import Request, admin_required
from jobs.views.cards import told_of

OPEN_SHOWN, DECIDED_SHOWN = 50, 30
FULL = ("requester", "decided_by", "project", "job__owner", "job__project", "job__source")


@dataclass(frozen=True, slots=True)
class Asked:
    """An open request, with what there is to decide it by."""

    request: BudgetRequest
    own: Standing
    """What the requester has."""
    project: Standing | None
    raising: RaiseForm
    declining: DeclineForm

    @property
    def job(self) -> Job | None:
        return self.request.job


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def page(request: Request) -> HttpResponse:
    """What is open and what was decided; with POST, a decision."""
    if request.method != "POST":
        return _page(request)
    rows = BudgetRequest.objects.select_related(*FULL)
    asked = get_object_or_404(rows, pk=digits(request.POST.get("request", "")))
    try:
        match request.POST.get("action"):
            case "approve":
                lifecycle.approve(asked, request.user)
                messages.success(request, _approved(asked))
            case "raise":
                return _raise(request, asked)
            case _:
                return _decline(request, asked)
    except lifecycle.AlreadyDecided as error:
        messages.warning(request, error.user_message)
    except lifecycle.NotSubmitted as error:
        messages.error(request, f"{error.user_message} Nothing was granted.")
    return redirect("requests")


def _approved(asked: BudgetRequest) -> str:
    if asked.job is None:
        return f"{asked.credits:,} credits granted to {asked.requester.label}."
    return f"Approved: {asked.credits:,} credits are held, and the video is on its way."


def _raise(request: Request, asked: BudgetRequest) -> HttpResponse:
    form = _raising(asked, Team.current(), data=request.POST)
    if form.is_valid():
        data = form.cleaned_data
        limit = lifecycle.Limit(data["what"])
        try:
            lifecycle.make_room(asked, limit, data["credits"], request.user, reason=data["reason"])
        except lifecycle.NotSubmitted as error:
            missing = told_of(asked.job, error.user_message, request.user) if asked.job else ""
            way = "Approve it once, or raise that on the Budgets page first."
            form.add_error("credits", f"Nothing was raised. {missing or error.user_message} {way}")
        except ledger.OutOfRange:
            form.add_error("credits", "That is more than a budget can hold.")
        else:
            messages.success(request, "Raised. The video is on its way.")
            return redirect("requests")
    return _page(request, raising=form, about=asked, status=422)


def _decline(request: Request, asked: BudgetRequest) -> HttpResponse:
    form = DeclineForm(request.POST, auto_id=f"decline-{asked.pk}-%s")
    if not form.is_valid():
        return _page(request, declining=form, about=asked, status=422)
    lifecycle.decline(asked, request.user, answer=form.cleaned_data["answer"])
    messages.success(request, f"Declined. {asked.requester.label} can read your answer.")
    return redirect("requests")


def _page(
    request: Request,
    *,
    raising: RaiseForm | None = None,
    declining: DeclineForm | None = None,
    about: BudgetRequest | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = BudgetRequest.objects.select_related(*FULL)
    still = rows.filter(state=BudgetRequest.State.OPEN)
    # The oldest first: who has waited longest is answered first.
    shown = list(still.order_by("pk").prefetch_related("job__images__image")[:OPEN_SHOWN])
    team = Team.current()
    standings = ledger.standings_of({asked.requester for asked in shown})
    projects = {asked.project for asked in shown if asked.project}
    of_projects = ledger.standings_of_projects(projects)
    context = {
        "open": [
            Asked(
                asked,
                standings[asked.requester_id],
                of_projects[asked.project_id] if asked.project_id else None,
                raising if raising and asked == about else _raising(asked, team),
                declining
                if declining and asked == about
                else DeclineForm(auto_id=f"decline-{asked.pk}-%s"),
            )
            for asked in shown
        ],
        "more": max(still.count() - OPEN_SHOWN, 0) if len(shown) == OPEN_SHOWN else 0,
        "decided": rows.exclude(state=BudgetRequest.State.OPEN).order_by("-decided_at")[
            :DECIDED_SHOWN
        ],
        "team": team,
        "of_team": ledger.standing_of_team(team),
    }
    return render(request, "team/requests.html", context, status=status)


def _raising(asked: BudgetRequest, team: Team, **bound: Any) -> RaiseForm:
    return RaiseForm(
        request=asked,
        team=team,
        initial={"credits": asked.credits},
        auto_id=f"raise-{asked.pk}-%s",
        **bound,
    )
