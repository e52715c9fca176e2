"""Prices: those of now, from a coming day on, and of before. For admins only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jobs import catalogue, moments, pricing
from jobs.forms import OfferForm, PriceForm, WithdrawForm, digits
from jobs.forms.ordering.possible import model_named
from jobs.models import AuditEvent, Price, Team, WithdrawnModel
from jobs.providers import PROVIDERS
from jobs.views.access import Request, admin_required
from jobs.views.proof import proof_required

HISTORY_SHOWN = 50
CHANGES = ("price changed", "price withdrawn", "model withdrawn", "model offered again")


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
@proof_required
def page(request: Request) -> HttpResponse:
    """The prices. A change holds for jobs made from then on; running ones keep their quote."""
    if request.method != "POST":
        return _page(request)
    if "withdraw" in request.POST:
        return _withdraw(request)
    if "model_name" in request.POST:
        return _offer(request)
    form = PriceForm(request.POST, works=_works(Price.objects.in_force()))
    if not form.is_valid():
        return _page(request, form=form, status=422)
    data = form.cleaned_data
    begins: datetime | None = data["valid_from"]
    is_new = pricing.change(
        data["price"],
        data["credits"],
        begins=begins,
        reason=data["reason"],
        actor=request.user,
    )
    credits = f"{data['credits']:,}"
    if begins is None:
        saved = "The price is saved. It applies to new videos."
        known = f"It already costs {credits} credits for new videos."
    else:
        day = moments.in_words(begins)
        saved = f"The price is saved. It applies from {day}."
        known = f"It already costs {credits} credits from {day}."
    if is_new:
        messages.success(request, saved)
    else:
        messages.info(request, known)
    return redirect("prices")


def _withdraw(request: Request) -> HttpResponse:
    form = WithdrawForm(request.POST, auto_id=f"withdraw-{request.POST['withdraw']}-%s")
    if not form.is_valid():
        return _page(request, withdrawing=form, status=422)
    data = form.cleaned_data
    pricing.withdraw(data["withdraw"], reason=data["reason"], actor=request.user)
    messages.success(request, "Withdrawn. The current price stays.")
    return redirect("prices")


def _offer(request: Request) -> HttpResponse:
    """Offer a model no more, or again, as the pressed button says."""
    form = OfferForm(request.POST, auto_id=f"model-{request.POST['model_name']}-%s")
    found = model_named(request.POST["model_name"])
    if not form.is_valid() or found is None:
        return _page(request, offering=form, status=422)
    provider, model = found
    change = catalogue.offer_again if "again" in request.POST else catalogue.withdraw
    is_new = change(
        provider.name, model.name, reason=form.cleaned_data["reason"], actor=request.user
    )
    if not is_new:
        messages.info(request, f"{model.label}: somebody has just done that.")
    elif change is catalogue.withdraw:
        messages.success(request, f"{model.label} is withdrawn. What waits for it fails uncharged.")
    else:
        messages.success(request, f"{model.label} is offered again.")
    return redirect("prices")


def _models(offering: OfferForm | None) -> list[dict[str, Any]]:
    """Each declared model, whether it is offered, and the form that changes that."""
    withdrawn = {row.model: row for row in WithdrawnModel.objects.select_related("withdrawn_by")}
    return [
        {
            "provider": provider,
            "model": model,
            "withdrawn": withdrawn.get(model.name),
            "form": offering
            if offering and offering.data["model_name"] == model.name
            else OfferForm(initial={"model_name": model.name}, auto_id=f"model-{model.name}-%s"),
        }
        for provider in PROVIDERS.values()
        for model in provider.models
    ]


def _page(
    request: Request,
    *,
    form: PriceForm | None = None,
    withdrawing: WithdrawForm | None = None,
    offering: OfferForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = Price.objects.in_force()
    chosen = digits(request.GET.get("price", ""))
    coming = Price.objects.filter(valid_from__gt=timezone.now()).select_related("set_by")
    before = {row.work: row for row in rows}
    history = AuditEvent.objects.filter(action__in=CHANGES).select_related("actor")
    context = {
        "rows": rows,
        "form": form or PriceForm(initial={"price": chosen}, works=_works(rows)),
        "coming": [
            {
                "price": price,
                "before": before.get(price.work),
                "form": withdrawing
                if withdrawing and withdrawing.data["withdraw"] == str(price.pk)
                else WithdrawForm(
                    initial={"withdraw": price.pk}, auto_id=f"withdraw-{price.pk}-%s"
                ),
            }
            for price in coming.order_by("valid_from", "pk")
        ],
        # Of a price that was called off meanwhile there is no row to say it at.
        "problems": withdrawing.errors.get("withdraw") if withdrawing else None,
        "history": history[:HISTORY_SHOWN],
        "models": _models(offering),
        "team": Team.current(),
        "chosen": chosen,
    }
    return render(request, "team/prices.html", context, status=status)


def _works(rows: list[Price]) -> list[tuple[int, str]]:
    """The pieces of work in words."""
    return [(row.pk, str(row)) for row in rows]
