"""Everybody on the team with their credits, and what was moved last. For admins only."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from jobs import ledger
from jobs.forms import GrantForm
from jobs.letters import isolated
from jobs.models import Credential, Invitation, LedgerEntry, User
from jobs.views.access import Request, admin_required
from jobs.views.proof import proof_required

ENTRIES_SHOWN = 30


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
@proof_required
def page(request: Request) -> HttpResponse:
    """Everybody's budget, and with POST a grant."""
    if request.method != "POST":
        return _page(request)
    form = GrantForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        user, credits, key = data["user"], data["credits"], data["submission_key"]
        try:
            ledger.grant(user, credits, reason=data["reason"], actor=request.user, key=key)
        except ledger.NotEnough as short:
            form.add_error(
                "credits",
                f"{isolated(user.label)} has only {short.available:,} unspent credits to take "
                "back.",
            )
        except ledger.KeyReused:
            form.add_error(None, "This form was already sent with other content. Check below.")
        else:
            if credits > 0:
                messages.success(request, f"{credits:,} credits granted to {isolated(user.label)}.")
            else:
                messages.success(
                    request, f"{-credits:,} credits taken back from {isolated(user.label)}."
                )
            return redirect("team")
    if "user" in form.errors:
        messages.error(request, "Nothing was granted. Choose an active person.")
    return _page(request, grant_form=form, status=422)


def _page(
    request: Request,
    *,
    grant_form: GrantForm | None = None,
    status: int = 200,
) -> HttpResponse:
    keys = Prefetch("credentials", Credential.objects.current().order_by("provider"))
    people = list(User.objects.prefetch_related(keys).order_by("name_key"))
    standings = ledger.standings_of(people)
    bound_to = grant_form.data.get("user") if grant_form else None
    rows: list[dict[str, Any]] = [
        {
            "user": person,
            "budget": standings[person.pk],
            "grant_form": grant_form if bound_to == str(person.pk) else None,
            "key": uuid4(),
        }
        for person in people
    ]
    entries = LedgerEntry.objects.of_people().select_related("budget__owner", "actor", "job")
    context = {
        "people": [row for row in rows if row["user"].is_active],
        "gone": [row for row in rows if not row["user"].is_active],
        "invitations": Invitation.objects.open().count(),
        "entries": entries[:ENTRIES_SHOWN],
    }
    return render(request, "team/page.html", context, status=status)
