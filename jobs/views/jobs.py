"""One job: its page and what can be done about it."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jobs import archive, lifecycle
from jobs.models import Job, Rendition
from jobs.models.status import Status
from jobs.views import live as live_updates
from jobs.views.access import Request, job_to_act_on, job_to_see
from jobs.views.cards import card_for


@require_safe
def page(request: Request, job_id: UUID) -> HttpResponse:
    """Player, parameters, timeline and credits; with `since`, only if that changed."""
    this = Job.objects.visible_to(request.user).filter(pk=job_id)
    changes = None
    # The cursor first: what changes while the job is read comes with the next poll.
    if "since" in request.GET:
        try:
            changes = live_updates.since(this, request.GET["since"])
        except (ValueError, OverflowError, OSError):
            return HttpResponseBadRequest("bad cursor")
    cursor = changes.cursor if changes else live_updates.cursor_of(this)
    job = job_to_see(request.user, job_id)
    if changes and not changes.is_new:
        return HttpResponse(status=204)
    context = {
        "job": job,
        "card": card_for(job, request.user),
        "renditions": job.renditions.all(),
        "events": job.events.select_related("actor"),
        "entries": job.entries.order_by("id"),
        "cursor": cursor,
        "interval": live_updates.interval(this),
        "live_url": f"{reverse('job', args=[job.pk])}?since={cursor}",
    }
    return render(request, "jobs/_live.html" if changes else "jobs/page.html", context)


@require_POST
def cancel(request: Request, job_id: UUID) -> HttpResponse:
    job = job_to_act_on(request.user, job_id)
    if lifecycle.cancel(job, request.user):
        messages.success(request, f"Canceled. {job.quote:,} credits are free again.")
    else:
        messages.warning(request, "Too late: the job was already taken up, so it goes on.")
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
    messages.success(request, "Found. It goes on as if its answer had never been lost.")
    return redirect("job", job.pk)


@require_POST
def store_again(request: Request, rendition_id: UUID) -> HttpResponse:
    """Fetch a file once more that could not be stored: its host may be listed by now."""
    rendition = get_object_or_404(Rendition, pk=rendition_id)
    job = job_to_act_on(request.user, rendition.job_id)
    if archive.store_again(rendition.pk):
        messages.success(request, "We try to fetch the file once more.")
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
        messages.success(request, f"Queued again. {again.quote:,} credits are held for it.")
    else:
        messages.info(request, "It was tried again before: this is that video.")
    return redirect("job", again.pk)
