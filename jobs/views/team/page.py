"""Everybody on the team with their credits, and what was moved last. For admins only."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jobs import ledger
from jobs.forms import GrantForm, PersonForm
from jobs.letters import isolated
from jobs.models import AuditEvent, Credential, Invitation, LedgerEntry, User
from jobs.views.access import Request, admin_required

ENTRIES_SHOWN = 30


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
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


@sensitive_post_parameters()
@require_POST
@admin_required
def add_person(request: Request) -> HttpResponse:
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _page(request, person_form=form, status=422)
    try:
        person = _add(form, request.user)
    except IntegrityError:
        form.say_taken()
        return _page(request, person_form=form, status=422)
    messages.success(
        request, f"{isolated(person.label)} can sign in now. Send them the password safely."
    )
    return redirect("team")


@transaction.atomic
def _add(form: PersonForm, by: User) -> User:
    person: User = form.save()
    AuditEvent.objects.create(
        actor=by, action="person added", subject=person.username, after=person.role
    )
    return person


def _page(
    request: Request,
    *,
    grant_form: GrantForm | None = None,
    person_form: PersonForm | None = None,
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
        "person_form": person_form or PersonForm(),
        "entries": entries[:ENTRIES_SHOWN],
    }
    return render(request, "team/page.html", context, status=status)
