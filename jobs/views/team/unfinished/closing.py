"""An admin's word that nothing more is to be done about something, and the way back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from jobs import lifecycle
from jobs.views.access import Request, admin_required, job_to_act_on


@require_POST
@admin_required
def close(request: Request, job_id: UUID) -> HttpResponse:
    """Take it off the list of what is open."""
    job = job_to_act_on(request.user, job_id)
    try:
        lifecycle.close(job, request.user)
    except lifecycle.NotResolved as error:
        messages.warning(request, error.user_message)
    else:
        messages.success(request, "Marked as done. It stands under Done, below.")
    return redirect("requests")


@require_POST
@admin_required
def reopen(request: Request, job_id: UUID) -> HttpResponse:
    """Put it back on the list."""
    job = job_to_act_on(request.user, job_id)
    try:
        lifecycle.reopen(job, request.user)
    except lifecycle.NotResolved as error:
        messages.warning(request, error.user_message)
    else:
        messages.success(request, "Put back.")
    return redirect("requests")
