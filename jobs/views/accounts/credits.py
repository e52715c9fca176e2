"""Somebody's own credits: what there is, what became of it, and asking for more."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from jobs import forecast, ledger, lifecycle, people
from jobs.forms import AddressForm, AskForm
from jobs.models import AuditEvent, Budget, BudgetRequest, LedgerEntry, Notice, Team, User
from jobs.views.access import Request
from jobs.views.bell import saw
from jobs.views.proof import proof_required_where
from jobs.views.shell.context import Shell

SHOWN = 30


@require_http_methods(["GET", "HEAD", "POST"])
@proof_required_where(lambda request: "email" in request.POST)
def page(request: Request) -> HttpResponse:
    """One's own credits; with POST a request made ahead, or where warnings are sent to."""
    if request.method != "POST":
        return _page(request)
    if "email" in request.POST:
        return _write_to(request)
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


def _write_to(request: Request) -> HttpResponse:
    form = AddressForm(request.POST, auto_id="address-%s")
    if not form.is_valid():
        return _page(request, address=form, status=422)
    user, email = request.user, form.cleaned_data["email"]
    if user.email != email:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(email=email)
            AuditEvent.objects.create(
                actor=user,
                action="address changed",
                subject=user.username,
                before=user.email[:200],
                after=email[:200],
            )
    messages.success(
        request,
        f"Emails will be sent to {email}." if email else "You won’t get any emails.",
    )
    return redirect("credits")


def _page(
    request: Request,
    *,
    asking: AskForm | None = None,
    address: AddressForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, team = request.user, Team.current()
    saw(request, Q(kind__in=[Notice.Kind.DECISION, Notice.Kind.BUDGET]))
    # The sidebar shows the same figures: asked for once.
    shell = Shell(settings.PRACTICE, request)
    standing = shell.budget or ledger.standing_of(user)
    # By time, which has no index: else the newest of everybody's are searched for one's own. And
    # what they are of only of the few that are shown.
    own = LedgerEntry.objects.filter(budget__owner=user).order_by("-created_at", "-pk")
    newest = list(own.values_list("pk", flat=True)[:SHOWN])
    requests = BudgetRequest.objects.filter(requester=user)
    asked = list(requests.select_related("decided_by", "project").prefetch_related("jobs")[:SHOWN])
    purses = Budget.objects.filter(owner=user).in_force(ledger.today())
    context: dict[str, Any] = {
        "shell": shell,
        "budget": standing,
        "outlook": forecast.outlook(standing, forecast.paces_of({user: standing})[user.pk]),
        # In the order they are spent in.
        "purses": purses.order_by(F("period").desc(nulls_last=True)),
        "team": team,
        "of_team": ledger.standing_of_team(team) if team.monthly_cap is not None else None,
        "asked": asked,
        "entries": LedgerEntry.objects.filter(pk__in=newest).select_related("actor", "job"),
        "form": asking or AskForm(),
        "address": address or AddressForm(initial={"email": user.email}, auto_id="address-%s"),
        "has_mail": settings.HAS_MAIL,
        "links_by_mail": people.password_links.by_mail(),
    }
    return render(request, "accounts/credits.html", context, status=status)
