"""Everybody on the team with their credits, and who was given some of late. For admins only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from jobs import ledger, letters
from jobs.forms import GrantForm, search_words
from jobs.ledger import Standing, forecast
from jobs.letters import isolated
from jobs.models import Credential, Invitation, LedgerEntry, User
from jobs.models.money.budget import LedgerEntryQuerySet
from jobs.views.access import Request, admin_required
from jobs.views.proof import proof_required
from jobs.views.team import change

ENTRIES_SHOWN = 12
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody, and what they have. Plain values: 200 people are on one page."""

    user: User
    budget: Standing

    @property
    def threshold(self) -> int:
        return forecast.threshold_of(self.budget)


SORTS: Mapping[str, Callable[[PersonRow], Any]] = MappingProxyType(
    {
        "name": lambda row: row.user.label_key,
        "available": lambda row: -row.budget.available,
        "spent": lambda row: -row.budget.spent,
        "seen": lambda row: -(row.user.last_login or LONG_AGO).timestamp(),
    }
)
"""The ways to order people."""


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
@proof_required
def page(request: Request) -> HttpResponse:
    """Everybody's budget, and with POST a grant."""
    if request.method != "POST":
        return _page(request)
    form = GrantForm(request.POST, auto_id="change-%s")
    if form.is_valid() and (said := _granted(form, request.user)):
        messages.success(request, said)
        return _changed(request, form.cleaned_data["user"])
    if "user" in form.errors:
        messages.error(request, "Nothing was granted. Choose an active person.")
        if request.htmx:
            # A list that no longer has the row of this dialog.
            return HttpResponseClientRefresh()
        return _page(request, status=422)
    return _ask(request, form, User.objects.get(pk=form.data["user"]))


@require_safe
@admin_required
def grant(request: Request, person_id: int) -> HttpResponse:
    """The form with which somebody is granted credits."""
    person = get_object_or_404(User, pk=person_id, is_active=True)
    return _ask(request, GrantForm(initial={"user": person.pk}, auto_id="change-%s"), person)


def row_of(person: User) -> PersonRow:
    """Somebody as they are now."""
    return _rows([_with_keys().get(pk=person.pk)])[0]


def entries() -> LedgerEntryQuerySet:
    """What people were given and lost of late; what videos cost stands under Usage."""
    shown = (
        LedgerEntry.objects.of_people().filter(job=None).select_related("budget__owner", "actor")
    )
    return shown[:ENTRIES_SHOWN]


def _granted(form: GrantForm, by: User) -> str:
    """Grant what a valid form says; the sentence of it, or "" and an error in the form."""
    data = form.cleaned_data
    user, credits, key = data["user"], data["credits"], data["submission_key"]
    try:
        ledger.grant(user, credits, reason=data["reason"], actor=by, key=key)
    except ledger.NotEnough as short:
        form.add_error(
            "credits",
            f"{isolated(user.label)} has only {short.available:,} unspent credits to take back.",
        )
        return ""
    except ledger.KeyReused:
        form.add_error(None, "This form was already sent with other content. Check below.")
        return ""
    if credits > 0:
        return f"{credits:,} credits granted to {isolated(user.label)}."
    return f"{-credits:,} credits taken back from {isolated(user.label)}."


def _changed(request: Request, person: User) -> HttpResponse:
    """The row as it is now, where a dialog stands over the list."""
    if not request.htmx:
        return redirect("team")
    context = {"row": row_of(person), "entries": entries()}
    return render(request, "team/_person_changed.html", context)


def _ask(request: Request, form: GrantForm, person: User) -> HttpResponse:
    return change.ask(
        request,
        form,
        title=f"Grant credits to {isolated(person.label)}",
        verb="Grant credits",
        back=reverse("team"),
        back_name="People",
        whose=person.label,
        budget=ledger.standing_of(person),
    )


def _page(request: Request, *, status: int = 200) -> HttpResponse:
    query = search_words(request.GET.get("q", "")).strip()
    sort = request.GET.get("sort", "name")
    order = SORTS.get(sort, SORTS["name"])
    everybody = _rows(list(_with_keys()))
    wanted = letters.words_of(query)
    found = [row for row in everybody if letters.has_words(row.user.names_to_find, wanted)]
    rows = sorted(found, key=lambda row: (order(row), row.user.label_key))  # of equals by name
    context = {
        "people": [row for row in rows if row.user.is_active],
        "gone": [row for row in rows if not row.user.is_active],
        "number": sum(row.user.is_active for row in everybody),
        "query": query,
        "sort": sort if sort in SORTS else "name",
        "sorts": list(SORTS),
        "invitations": Invitation.objects.open().count(),
        "entries": entries(),
    }
    return render(request, "team/page.html", context, status=status)


def _with_keys() -> QuerySet[User]:
    keys = Prefetch("credentials", Credential.objects.current().order_by("provider"))
    return User.objects.prefetch_related(keys)


def _rows(people: list[User]) -> list[PersonRow]:
    standings = ledger.standings_of(people)
    return [PersonRow(person, standings[person.pk]) for person in people]
