"""The payer's pages: people, their credits, prices. For admins only."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jobs import ledger
from jobs.forms import GrantForm, PersonForm, PriceForm, digits
from jobs.models import AuditEvent, LedgerEntry, Price, User
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
                f"{user.label} has only {short.available:,} unspent credits to take back.",
            )
        else:
            verb = "granted to" if credits > 0 else "taken back from"
            messages.success(request, f"{abs(credits):,} credits {verb} {user.label}.")
            return redirect("team")
    return _page(request, grant_form=form, status=422)


@sensitive_post_parameters()
@require_POST
@admin_required
def add_person(request: Request) -> HttpResponse:
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _page(request, person_form=form, status=422)
    with transaction.atomic():
        person = form.save()
        AuditEvent.objects.create(
            actor=request.user, action="person added", subject=person.username, after=person.role
        )
    messages.success(request, f"{person.label} can sign in now. Hand over the password safely.")
    return redirect("team")


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def prices(request: Request) -> HttpResponse:
    """What work costs. A change holds for jobs made from now on."""
    bound: PriceForm | None = None
    if request.method == "POST":
        price = get_object_or_404(Price, pk=digits(request.POST.get("price", "")))
        before = price.credits
        bound = PriceForm(request.POST, instance=price, auto_id=f"price-{price.pk}-%s")
        if bound.is_valid():
            with transaction.atomic():
                Price.objects.filter(pk=price.pk).update(credits=bound.cleaned_data["credits"])
                AuditEvent.objects.create(
                    actor=request.user,
                    action="price changed",
                    subject=str(price),
                    before=str(before),
                    after=str(bound.cleaned_data["credits"]),
                )
            messages.success(request, "The price is saved. It holds for new jobs.")
            return redirect("prices")
    rows = [
        bound
        if bound and bound.instance.pk == price.pk
        else PriceForm(instance=price, auto_id=f"price-{price.pk}-%s")
        for price in Price.objects.all()
    ]
    history = AuditEvent.objects.filter(action="price changed").select_related("actor")
    context = {"rows": rows, "history": history[:ENTRIES_SHOWN]}
    return render(request, "team/prices.html", context, status=422 if bound else 200)


def _page(
    request: Request,
    *,
    grant_form: GrantForm | None = None,
    person_form: PersonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    people = User.objects.filter(is_active=True).select_related("budget").order_by("username")
    bound_to = grant_form.data.get("user") if grant_form else None
    rows: list[dict[str, Any]] = [
        {
            "user": person,
            "budget": getattr(person, "budget", None),
            "credentials": list(person.credentials.all()),
            "grant_form": grant_form
            if grant_form and bound_to == str(person.pk)
            else GrantForm(initial={"user": person.pk}, auto_id=f"grant-{person.pk}-%s"),
        }
        for person in people.prefetch_related("credentials")
    ]
    entries = LedgerEntry.objects.select_related("budget__owner", "actor", "job")
    context = {
        "people": rows,
        "person_form": person_form or PersonForm(),
        "entries": entries[:ENTRIES_SHOWN],
    }
    return render(request, "team/page.html", context, status=status)
