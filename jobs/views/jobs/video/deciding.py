"""What the page of a video offers to decide about it."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from jobs import archive, lifecycle, shares
from jobs.models import Rendition
from jobs.models.jobs.status import Status
from jobs.views.access import Request, admin_required, job_to_act_on
from jobs.views.jobs.cards.dealing import outcome_sentence
from jobs.views.proof import proof_required

REASON_LENGTH_MAX = 200


@require_POST
def cancel(request: Request, job_id: UUID) -> HttpResponse:
    job = job_to_act_on(request.user, job_id)
    if lifecycle.cancel(job, request.user):
        if job.status == Status.AWAITING_BUDGET:
            messages.success(request, "Canceled. It had no credits reserved.")
        else:
            messages.success(request, f"Canceled. {job.quote:,} credits are available again.")
    else:
        messages.warning(request, "Too late: it is already being sent, so it continues.")
    return redirect("job", job.pk)


@require_POST
def resolve(request: Request, job_id: UUID) -> HttpResponse:
    """Attach an id that a person found in the provider's log to a job whose answer was lost."""
    job = job_to_act_on(request.user, job_id)
    external_id = request.POST.get("external_id", "").strip()
    try:
        lifecycle.resolve(job, external_id, request.user)
    except lifecycle.NotResolved as error:
        messages.error(request, error.user_message)
        return redirect(f"{reverse('job', args=[job.pk])}?{urlencode({'id': external_id[:128]})}")
    messages.success(request, "Found. It continues as if its answer had never been lost.")
    return redirect("job", job.pk)


@require_POST
def resubmit(request: Request, job_id: UUID) -> HttpResponse:
    """Send a job whose answer was lost once more, at one's own risk."""
    job = job_to_act_on(request.user, job_id)
    if request.POST.get("risk") != "on":
        messages.error(request, "Nothing was sent. First tick that both may be charged.")
        return redirect("job", job.pk)
    try:
        again = lifecycle.resubmit(job, request.user)
    except lifecycle.NotSubmitted as error:
        messages.error(request, error.user_message)
        return redirect("job", job.pk)
    messages.success(request, f"Sent again. {again.quote:,} more credits are reserved for it.")
    return redirect("job", again.pk)


@require_POST
@admin_required
@proof_required
def write_off(request: Request, job_id: UUID) -> HttpResponse:
    """An admin's word that the provider never took a job."""
    job = job_to_act_on(request.user, job_id)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:REASON_LENGTH_MAX]
    try:
        lifecycle.write_off(job, request.user, reason)
    except lifecycle.NotResolved as error:
        messages.error(request, error.user_message)
        return redirect(f"{reverse('job', args=[job.pk])}?{urlencode({'reason': reason})}")
    messages.success(request, f"Written off. {job.quote:,} credits are available again.")
    return redirect("job", job.pk)


@require_POST
def store_again(request: Request, rendition_id: UUID) -> HttpResponse:
    """Fetch a file once more that could not be stored: its host may be listed by now."""
    rendition = get_object_or_404(Rendition, pk=rendition_id)
    job = job_to_act_on(request.user, rendition.job_id)
    if archive.store_again(rendition.pk):
        messages.success(request, "We are fetching the file again.")
    if request.POST.get("next") == reverse("requests"):
        return redirect("requests")
    return redirect("job", job.pk)


@require_POST
def admit(request: Request, job_id: UUID) -> HttpResponse:
    """Send a waiting job after all, if there is room for it by now."""
    job = job_to_act_on(request.user, job_id)
    if job.sent_at or job.status == Status.QUEUED:
        # Pressed twice, or by two people at once.
        messages.info(request, "It has started already. Nothing more was reserved.")
        return redirect("job", job.pk)
    try:
        lifecycle.admit(job, request.user)
    except lifecycle.NotSubmitted as error:
        messages.warning(request, error.user_message)
    else:
        asked = job.budget_request
        credits = asked.credits if asked else job.quote
        whom = "it" if credits == job.quote else "them"
        messages.success(request, f"Queued. {credits:,} credits are reserved for {whom}.")
    return redirect("job", job.pk)


@require_POST
def retry(request: Request, job_id: UUID) -> HttpResponse:
    job = job_to_act_on(request.user, job_id)
    try:
        again = lifecycle.retry(job, request.user)
    except lifecycle.NotSubmitted as error:
        messages.error(request, error.user_message)
        return redirect("job", job.pk)
    if again.status == Status.QUEUED:
        messages.success(request, f"Queued again. {again.quote:,} credits are reserved for it.")
    elif again.status == Status.AWAITING_BUDGET:
        messages.success(request, outcome_sentence(again))
    else:
        messages.info(request, "It was already retried: this is that video.")
    return redirect("job", again.pk)


@require_POST
def end_link(request: Request, job_id: UUID, link_id: int) -> HttpResponse:
    """Take a link down that shows one's video, whoever made it."""
    job = job_to_act_on(request.user, job_id)
    link = get_object_or_404(shares.links_showing(job), pk=link_id)
    if shares.revoke(link, request.user):
        messages.success(request, "Ended. The link’s page and files are offline.")
    return redirect("job", job.pk)
