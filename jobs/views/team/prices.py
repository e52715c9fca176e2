"""Prices: those of now, from a coming day on, and of before. For admins only."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jobs import feeds, pricing
from jobs.forms import (
    OfferForm,
    PriceForm,
    RateForm,
    TakeOverForm,
    WithdrawForm,
    by_second,
    digits,
)
from jobs.models import AuditEvent, Price, Team, User, WithdrawnModel
from jobs.pricing import catalogue
from jobs.providers import PROVIDERS, model_named
from jobs.providers.base import Kind
from jobs.providers.declarations import Provider
from jobs.providers.models import Model
from jobs.times import moments
from jobs.views.access import Request, admin_required
from jobs.views.proof import proof_required
from jobs.views.team import published

F = TypeVar("F", bound=forms.Form)
HISTORY_SHOWN = 50
CHANGES = ("price changed", "price withdrawn", "model withdrawn", "model offered again")


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
@proof_required
def page(request: Request) -> HttpResponse:
    """The prices. A change holds for jobs made from then on; running ones keep their quote."""
    if request.method != "POST":
        return _page(request)
    acts = {"withdraw": _withdraw, "model_name": _offer, "rate_of": _rate, "published": _take_over}
    act = next((act for name, act in acts.items() if name in request.POST), _change)
    return act(request)


def _change(request: Request) -> HttpResponse:
    form = PriceForm(request.POST, works=_works(Price.objects.in_force()))
    if not form.is_valid():
        return _page(request, form)
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


def _rate(request: Request) -> HttpResponse:
    """Price all lengths of a model at one of its sizes."""
    form = RateForm(request.POST, auto_id=f"rate-{request.POST['rate_of']}-%s")
    if not form.is_valid():
        return _page(request, form)
    data = form.cleaned_data
    provider, model, size = by_second()[data["rate_of"]]
    work = _paid_by_second(provider, model, size)
    lengths = model.durations_at(size)
    if pricing.change_by_second(
        work, lengths, data["rate"], reason=data["reason"], actor=request.user
    ):
        messages.success(request, "The prices are saved. They apply to new videos.")
    else:
        messages.info(request, f"{model.label} already costs that at this size.")
    return redirect("prices")


def _take_over(request: Request) -> HttpResponse:
    """Have our price be the published one."""
    form = TakeOverForm(request.POST, auto_id=f"published-{request.POST['published']}-%s")
    if not form.is_valid() and published.is_shown(request.POST["published"]):
        return _page(request, form)
    line = _taken_over(form, request.user) if form.is_valid() else None
    if line is None:
        messages.info(request, "Nothing to take over: the published price, or ours, has changed.")
    else:
        messages.success(request, f"Saved for new videos: {line.price}.")
    return redirect("prices")


def _taken_over(form: TakeOverForm, actor: User) -> feeds.Line | None:
    """What was taken over of whichever provider publishes it; None for nothing."""
    data = form.cleaned_data
    found = (
        feeds.take_over(each, data["published"], reason=data["reason"], actor=actor)
        for each in PROVIDERS.values()
    )
    return next(filter(None, found), None)


def _withdraw(request: Request) -> HttpResponse:
    form = WithdrawForm(request.POST, auto_id=f"withdraw-{request.POST['withdraw']}-%s")
    if not form.is_valid():
        return _page(request, form)
    data = form.cleaned_data
    pricing.withdraw(data["withdraw"], reason=data["reason"], actor=request.user)
    messages.success(request, "Withdrawn. The current price stays.")
    return redirect("prices")


def _offer(request: Request) -> HttpResponse:
    """Offer a model no more, or again, as the pressed button says."""
    form = OfferForm(request.POST, auto_id=f"model-{request.POST['model_name']}-%s")
    found = model_named(request.POST["model_name"])
    if not form.is_valid() or found is None:
        return _page(request, form)
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


def _models(wrong: forms.Form | None) -> list[dict[str, Any]]:
    """Each declared model, whether it is offered, and the form that changes that."""
    withdrawn = {row.model: row for row in WithdrawnModel.objects.select_related("withdrawn_by")}
    return [
        {
            "provider": provider,
            "model": model,
            "withdrawn": withdrawn.get(model.name),
            "form": _form(OfferForm, wrong, "model", model_name=model.name),
        }
        for provider in PROVIDERS.values()
        for model in provider.models
    ]


def _rates(rows: list[Price], wrong: forms.Form | None) -> list[dict[str, Any]]:
    """Each size that is paid for by the second, the prices of its lengths, and their form."""
    return [
        {
            "provider": provider,
            "model": model,
            "size": size,
            "work": _paid_by_second(provider, model, size),
            "prices": sorted(
                row.credits
                for row in rows
                if (row.provider, row.kind) == (provider.name, Kind.GENERATE)
                and (row.model, row.resolution) == (model.name, size)
            ),
            "lengths": sorted(model.durations_at(size)),
            "form": _form(RateForm, wrong, "rate", rate_of=key),
        }
        for key, (provider, model, size) in by_second().items()
    ]


def _paid_by_second(provider: Provider, model: Model, size: str) -> Price:
    """The work of all its lengths together."""
    return Price(provider=provider.name, kind=Kind.GENERATE, model=model.name, resolution=size)


def _form(kind: type[F], wrong: forms.Form | None, prefix: str, **about: Any) -> F:
    """The form about this: as it was filled in, if it is what was wrong, else a fresh one."""
    ((name, value),) = about.items()
    if isinstance(wrong, kind) and wrong.data[name] == str(value):
        return wrong
    return kind(initial=about, auto_id=f"{prefix}-{value}-%s")


def _page(request: Request, wrong: forms.Form | None = None) -> HttpResponse:
    """`wrong`: the form that could not be taken."""
    rows = Price.objects.in_force()
    chosen = digits(request.GET.get("price", ""))
    coming = Price.objects.filter(valid_from__gt=timezone.now()).select_related("set_by")
    before = {row.work: row for row in rows}
    history = AuditEvent.objects.filter(action__in=CHANGES).select_related("actor")
    panels = published.panels(
        lambda row_id: _form(TakeOverForm, wrong, "published", published=row_id)
    )
    fresh = PriceForm(initial={"price": chosen}, works=_works(rows))
    context = {
        "rows": rows,
        "form": wrong if isinstance(wrong, PriceForm) else fresh,
        "coming": [
            {
                "price": price,
                "before": before.get(price.work),
                "form": _form(WithdrawForm, wrong, "withdraw", withdraw=price.pk),
            }
            for price in coming.order_by("valid_from", "pk")
        ],
        # Of a price that was called off meanwhile there is no row to say it at.
        "problems": wrong.errors.get("withdraw") if isinstance(wrong, WithdrawForm) else None,
        "history": history[:HISTORY_SHOWN],
        "models": _models(wrong),
        "rates": _rates(rows, wrong),
        "panels": panels,
        "listed": published.beside(panels, rows),
        "team": Team.current(),
        "chosen": chosen,
    }
    return render(request, "team/prices.html", context, status=422 if wrong else 200)


def _works(rows: list[Price]) -> list[tuple[int, str]]:
    """The pieces of work in words."""
    return [(row.pk, str(row)) for row in rows]
