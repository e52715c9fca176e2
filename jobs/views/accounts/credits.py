"""Somebody's own credits: what there is, what became of it, and asking for more."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from jobs import ledger, lifecycle
from jobs.forms import AskForm
from jobs.ledger import forecast
from jobs.models import BudgetRequest, LedgerEntry, Notice, Team, prepared
from jobs.views.access import Request
from jobs.views.http.bell import saw
from jobs.views.shell.context import Shell

SHOWN = 30


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """One's own credits; with POST a request made ahead."""
    if request.method != "POST":
        return _page(request)
    form = AskForm(request.POST)
    if not form.is_valid():
        return _page(request, asking=form, status=422)
    data = form.cleaned_data
    try:
        lifecycle.ask_ahead(
            request.user,
            data["credits"],
            reason=data["reason"],
            project=data["project"],
            key=data["submission_key"],
        )
    except lifecycle.NotSubmitted as error:
        form.add_error(None, error.user_message)
        return _page(request, asking=form, status=409)
    messages.success(
        request, f"Asked for {data['credits']:,} credits. The answer will appear here."
    )
    return redirect("credits")


def _page(
    request: Request,
    *,
    asking: AskForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, team = request.user, Team.current()
    saw(request, Q(kind__in=[Notice.Kind.DECISION, Notice.Kind.BUDGET]))
    # The sidebar shows the same figures: asked for once.
    shell = Shell(settings.PRACTICE, request)
    means = shell.means or ledger.means_of(user)
    # What they are of only of the few that are shown.
    newest = prepared.padded(prepared.rows("entries of a person", _newest_entries, user.pk))
    entries = prepared.rows(("entries shown", len(newest)), _entries, *newest) if newest else []
    context: dict[str, Any] = {
        "shell": shell,
        "budget": means.own,
        "outlook": forecast.outlook(means.own, forecast.paces_of({user: means.own})[user.pk]),
        "purses": means.purses,
        "team": team,
        "of_team": ledger.standing_of_team(team) if team.monthly_cap is not None else None,
        "asked": prepared.rows("requests of a person", _requests, user.pk),
        "entries": entries,
        "form": asking or AskForm(),
    }
    return render(request, "accounts/credits.html", context, status=status)


def _newest_entries(user_id: int) -> QuerySet[LedgerEntry, int]:
    # By time, which has no index: else the newest of everybody's are searched for one's own.
    own = LedgerEntry.objects.filter(budget__owner=user_id).order_by("-created_at", "-pk")
    return own.values_list("pk", flat=True)[:SHOWN]


def _entries(*shown: int) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(pk__in=shown).select_related("actor", "job")


def _requests(user_id: int) -> QuerySet[BudgetRequest]:
    asked = BudgetRequest.objects.filter(requester=user_id)
    return asked.select_related("decided_by", "project").prefetch_related("jobs")[:SHOWN]
