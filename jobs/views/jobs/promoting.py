"""Promote a draft: the same, made as its project delivers, for a price that was said."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from jobs import lifecycle
from jobs.forms import PromoteForm
from jobs.models import Job
from jobs.views.access import Request, job_to_see
from jobs.views.jobs.cards.dealing import outcome_sentence
from jobs.views.jobs.promotions import PromotionOffer, promotion_offer


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request, job_id: UUID) -> HttpResponse:
    """What it would be made as, what changes, and the price; with POST the new job."""
    draft = job_to_see(request.user, job_id)
    if not draft.is_draft:
        raise Http404
    form = PromoteForm(request.POST if request.method == "POST" else None)
    offer = promotion_offer(draft, request.user)
    if form.is_bound and form.is_valid():
        if made := _of_key(request, form.key):
            messages.info(request, "It was promoted already. Nothing was ordered again.")
            return redirect("job", made.pk)
        if job := _promoted(request, form, offer):
            messages.success(request, outcome_sentence(job))
            return redirect("job", job.pk)
    context = {"job": draft, "promoting": offer, "form": form, "is_page": True}
    return render(request, "jobs/promote.html", context, status=422 if form.is_bound else 200)


def _of_key(request: Request, key: UUID) -> Job | None:
    return Job.objects.filter(owner=request.user, submission_key=key).first()


def _promoted(request: Request, form: PromoteForm, offer: PromotionOffer) -> Job | None:
    """The new job, or none, for the reason that the form has then."""
    order = offer.promotion.submission
    why_not = _why_not(request, form, offer) or _news(request, form, order)
    if not why_not:
        try:
            return lifecycle.submit_takes(
                request.user,
                order,
                form.key,
                1,
                may_park=form.may_park,
                reason=form.cleaned_data["reason"],
            )[0]
        except lifecycle.NotSubmitted as error:
            why_not = error.user_message
    form.add_error(None, why_not)
    return None


def _why_not(request: Request, form: PromoteForm, offer: PromotionOffer) -> str:
    """The reason why this can't be ordered; empty where it can."""
    if offer.why_not:
        return offer.why_not
    if form.key != offer.key:
        return "What it is promoted to was changed meanwhile. Look at it again."
    problems = lifecycle.check(request.user, offer.promotion.submission)
    return problems[0].message if problems else ""


def _news(request: Request, form: PromoteForm, order: lifecycle.Submission) -> str:
    """What this person has yet to see before it is ordered; empty for nothing."""
    news = lifecycle.confirm(
        request.user,
        order,
        form.key,
        seen_cost=form.seen_cost,
        seen_duplicate=form.seen_duplicate,
    )
    if isinstance(news, lifecycle.CostsOtherwise):
        return f"{news.user_message} Press Promote again."
    if news is None:
        return ""
    form.same = news.job
    return "The same was made already. To make and pay for another one, press Promote again."
