"""What needs an admin: requests beyond people's budgets, failing keys, and unfinished work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods

from jobs import ledger, lifecycle
from jobs.forms import DeclineForm, RaiseForm, digits
from jobs.ledger import Fit
from jobs.letters import isolated
from jobs.models import BudgetRequest, Job, Notice, Team
from jobs.views.access import Request, admin_required
from jobs.views.http.bell import saw
from jobs.views.proof import proof_required_where
from jobs.views.team.unfinished.outstanding import all_of, unfinished

OPEN_SHOWN, DECIDED_SHOWN = 50, 30
FULL = ("requester", "decided_by", "project")


@dataclass(frozen=True, kw_only=True)
class OpenRequest:
    """An open request, with what there is to decide it by."""

    request: BudgetRequest
    fit: Fit
    """The budgets that bound it, and what they lack."""
    raising: RaiseForm
    declining: DeclineForm

    @cached_property
    def job(self) -> Job | None:
        """The video that waits, or the first of several takes."""
        return self.request.job

    @property
    def about(self) -> str:
        """Whose it is and what for, to tell its controls from those of others."""
        what = self.job.label if self.job else self.request.reason
        return f"{isolated(self.request.requester.label)}: {isolated(Truncator(what).chars(40))}"

    @property
    def takes(self) -> int:
        """The number of takes that wait; 0 for what is no order of several."""
        number = self.request.parked_count
        return number if self.job and self.job.take_group else 0

    @property
    def lacks(self) -> dict[str, int]:
        """By how much each budget is too small."""
        return self.fit.lacks

    @property
    def fits(self) -> bool:
        """Its video can start as things stand, and needs no decision."""
        return self.job is not None and self.fit.holds

    @property
    def cap_lacks(self) -> int:
        """The credits by which its project's cap is too small, where it was asked for ahead."""
        return 0 if self.job else self.lacks.get("project", 0)


def _moves_a_limit(request: Request) -> bool:
    """Beyond a yes or no to what somebody asked for, which is an admin's daily bread."""
    return request.POST.get("action") == "raise" or bool(request.POST.get("raise_cap"))


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
@proof_required_where(_moves_a_limit)
def page(request: Request) -> HttpResponse:
    """Show the open requests and the decided ones; with POST, decide one."""
    if request.method != "POST":
        kind = request.GET.get("kind", "")
        section = all_of(kind, _number(request)) if kind else None
        return (
            render(request, "team/kind.html", {"section": section}) if section else _page(request)
        )
    rows = BudgetRequest.objects.select_related(*FULL).prefetch_related("jobs__paid_project")
    asked = get_object_or_404(rows, pk=digits(request.POST.get("request", "")))
    try:
        match request.POST.get("action"):
            case "approve":
                return _approve(request, asked)
            case "raise":
                return _raise(request, asked)
            case "start" if job := asked.job:
                return _start(request, asked, job)
            case _:
                return _decline(request, asked)
    except lifecycle.AlreadyDecided as error:
        messages.warning(request, error.user_message)
    except lifecycle.NotSubmitted as error:
        messages.error(request, f"{error.user_message} Nothing was granted.")
    except ledger.OutOfRange:
        messages.error(
            request, "The cap would be more than a budget can hold. Nothing was granted."
        )
    return redirect("requests")


def _approve(request: Request, asked: BudgetRequest) -> HttpResponse:
    cap, number = "", asked.parked_count
    if request.POST.get("raise_cap") and asked.project:
        name = isolated(asked.project.name)
        if raised := lifecycle.approve_with_cap(asked, request.user):
            cap = f"The cap of {name} was raised by {raised:,}."
        else:
            cap = f"The cap of {name} stays as it is: it already has enough left."
    else:
        lifecycle.approve(asked, request.user)
    said = f"{asked.credits:,} credits granted to {isolated(asked.requester.label)}."
    if number:
        what = f"{number} takes are on their" if number > 1 else "the video is on its"
        said = f"Approved: {asked.credits:,} credits are reserved, and {what} way."
    messages.success(request, f"{said} {cap}".strip())
    return redirect("requests")


def _start(request: Request, asked: BudgetRequest, job: Job) -> HttpResponse:
    """Send what fits its budgets by now: nothing is granted for it."""
    lifecycle.admit(job, request.user)
    messages.success(request, f"Queued. {asked.credits:,} credits are reserved for it.")
    return redirect("requests")


def _raise(request: Request, asked: BudgetRequest) -> HttpResponse:
    form = _raising(asked, Team.current(), ledger.fits_of([asked])[asked.pk], data=request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            lifecycle.raise_limits(asked, request.user, form.raises, reason=reason)
        except lifecycle.NotSubmitted as error:
            form.add_error(None, f"Nothing was raised. {error.user_message}")
        except ledger.OutOfRange:
            form.add_error(None, "That is more than a budget can hold.")
        else:
            messages.success(request, "Raised. The video is on its way.")
            return redirect("requests")
    return _page(request, raising=form, about=asked, status=422)


def _decline(request: Request, asked: BudgetRequest) -> HttpResponse:
    form = DeclineForm(request.POST, auto_id=f"decline-{asked.pk}-%s")
    if not form.is_valid():
        return _page(request, declining=form, about=asked, status=422)
    lifecycle.decline(asked, request.user, answer=form.cleaned_data["answer"])
    messages.success(request, f"Declined. {isolated(asked.requester.label)} can read your answer.")
    return redirect("requests")


def _page(
    request: Request,
    *,
    raising: RaiseForm | None = None,
    declining: DeclineForm | None = None,
    about: BudgetRequest | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = BudgetRequest.objects.select_related(*FULL).prefetch_related("jobs__paid_project")
    still = rows.filter(state=BudgetRequest.State.OPEN)
    # The oldest first: who has waited longest is answered first.
    rows_of_page = still.order_by("pk").prefetch_related("jobs__images__image")
    place = Paginator(rows_of_page, OPEN_SHOWN).get_page(_number(request))
    shown = list(place)
    # What was typed comes back, whatever page it stands on.
    if about and about.state == BudgetRequest.State.OPEN and about not in shown:
        shown.insert(0, about)
    saw(request, Q(kind=Notice.Kind.REQUEST))
    team, fits = Team.current(), ledger.fits_of(shown)
    context = {
        "open": [
            OpenRequest(
                request=asked,
                fit=fits[asked.pk],
                raising=raising
                if raising and asked == about
                else _raising(asked, team, fits[asked.pk]),
                declining=declining
                if declining and asked == about
                else DeclineForm(auto_id=f"decline-{asked.pk}-%s"),
            )
            for asked in shown
        ],
        "place": place,
        "decided": rows.exclude(state=BudgetRequest.State.OPEN).order_by("-decided_at")[
            :DECIDED_SHOWN
        ],
        "team": team,
        **unfinished(),
    }
    return render(request, "team/requests.html", context, status=status)


def _number(request: Request) -> int:
    return digits(request.GET.get("page", "")) or 1


def _raising(asked: BudgetRequest, team: Team, fit: Fit, data: Any = None) -> RaiseForm:
    names = f"raise-{asked.pk}-%s"
    return RaiseForm(data, request=asked, team=team, lacks=fit.lacks, auto_id=names)
