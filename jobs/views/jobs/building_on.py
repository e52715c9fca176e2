"""Pages that build on a finished video: larger copies, and longer films."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from jobs import lifecycle
from jobs.forms import ExtendForm, UpgradeForm
from jobs.models import Job
from jobs.models.jobs.status import LIVE, Status
from jobs.net import addresses
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.providers.base import UPGRADES, Kind, size_name
from jobs.views.access import Request, job_to_act_on
from jobs.views.jobs.cards.dealing import card_for, outcome_sentence
from jobs.views.jobs.cards.sizes import extension_prices


@require_POST
def upgrade(request: Request, job_id: UUID) -> HttpResponse:
    """Order a larger copy. The same button, however often it is pressed, orders one."""
    take = job_to_act_on(request.user, job_id)
    form = UpgradeForm(request.POST)
    if not form.is_valid():
        messages.error(request, "This form has expired. Nothing was ordered; please try again.")
        return _back(request, take)
    kind = Kind(form.cleaned_data["kind"])
    try:
        order = lifecycle.submit(
            request.user, lifecycle.upgrade_of(take, kind), form.cleaned_data["submission_key"]
        )
    except lifecycle.NotSubmitted as error:
        messages.error(request, error.user_message)
        return _back(request, take)
    size = size_name(UPGRADES[kind])
    if order.status in LIVE:
        messages.success(request, f"{size} ordered. {order.quote:,} credits are reserved for it.")
    elif order.status == Status.AWAITING_BUDGET:
        messages.success(request, f"{size} ordered. {outcome_sentence(order)}")
    else:
        messages.info(request, f"{size} was already ordered. Nothing was ordered again.")
    return _back(request, take)


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: Request, job_id: UUID) -> HttpResponse:
    """The form in which a film goes on, and with POST the new job."""
    take = job_to_act_on(request.user, job_id)
    form = ExtendForm(
        request.POST if request.method == "POST" else None,
        initial=_initial(request, take),
        take=take,
        costs={name: (label, cost) for name, label, cost in extension_prices(take, PriceList())},
    )
    if request.method != "POST":
        return _extend_page(request, take, form)
    if form.is_valid() and (job := _extended(request, form)):
        messages.success(request, outcome_sentence(job))
        return redirect("job", job.pk)
    return _extend_page(request, take, form, status=422)


def _extended(request: Request, form: ExtendForm) -> Job | None:
    """The new job, or none, for the reason that the form has then."""
    wanted = form.submission
    news = lifecycle.confirm(request.user, wanted, form.key, seen_cost=form.seen_cost)
    if isinstance(news, lifecycle.CostsOtherwise):
        form.add_error(None, f"{news.user_message} Press Extend again.")
        return None
    try:
        return lifecycle.submit(request.user, wanted, form.key)
    except lifecycle.NotSubmitted as error:
        form.add_error(error.field if error.field in form.fields else None, error.user_message)
        if isinstance(error, lifecycle.SubmissionKeyReused):
            # What was typed stays; only a key of its own lets it be sent as something new.
            form.data = {**request.POST.dict(), **ExtendForm.fresh_key()}
    return None


def _initial(request: Request, take: Job) -> dict[str, Any]:
    """A fresh form, or with `from` the settings of an extension that was ordered before."""
    before = _reused(request, take)
    if before is None:
        return {"model": take.model, **ExtendForm.fresh_key()}
    how = request.GET.get("seed", "")
    is_same_seed = how == "same" or (how != "new" and before.seed_chosen)
    return {
        "prompt": before.prompt,
        "model": before.model,
        "seed": before.seed if is_same_seed else "",
        **ExtendForm.fresh_key(),
    }


def _reused(request: Request, take: Job) -> Job | None:
    wanted = request.GET.get("from", "")
    orders = (job for job in take.derived.all() if job.kind == Kind.EXTEND)
    return next((job for job in orders if str(job.pk) == wanted), None)


def _sent(request: Request, take: Job) -> str:
    """The keys of the extensions that this person has ordered, by which the page knows a draft."""
    mine = (job for job in take.derived.all() if job.owner_id == request.user.pk)
    return " ".join(str(job.submission_key) for job in mine if job.kind == Kind.EXTEND)


def _extend_page(request: Request, take: Job, form: ExtendForm, status: int = 200) -> HttpResponse:
    context = {
        "job": take,
        "card": card_for(take, request.user),
        "form": form,
        "is_fresh": not form.is_bound and "from" not in request.GET,
        "sent": _sent(request, take),
        "extension": PROVIDERS[take.provider].follow_up(take.model, Kind.EXTEND),
        "reason": "" if form.is_bound else lifecycle.refusal(take, Kind.EXTEND, request.user),
        "no_price": lifecycle.NO_PRICE,
    }
    return render(request, "jobs/extend.html", context, status=status)


def _back(request: Request, take: Job) -> HttpResponse:
    """The card as it is now; without script the page that one came from."""
    if request.htmx:
        fresh = Job.objects.for_cards().get(pk=take.pk)
        card = card_for(fresh, request.user, get_token(request), joins=True)
        return render(request, "jobs/_ordered.html", {"card": card})
    came_from = urlsplit(request.headers.get("Referer", ""))
    if not addresses.is_ours(came_from.geturl(), request) or came_from.path != reverse("studio"):
        return redirect("job", take.pk)
    return redirect(came_from._replace(scheme="", netloc="", fragment=f"job-{take.pk}").geturl())
