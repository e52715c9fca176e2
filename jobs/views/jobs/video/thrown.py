"""The page of a video that is in the trash, for those who can bring it back."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRefresh

from jobs import keeping
from jobs.models import Job
from jobs.providers.base import UPGRADES
from jobs.views.access import Request


def or_in_trash(
    view: Callable[[Request, UUID], HttpResponse],
) -> Callable[[Request, UUID], HttpResponse]:
    """Where the view finds no video, say that it was thrown away, to whom that may be told."""

    @wraps(view)
    def guarded(request: Request, job_id: UUID) -> HttpResponse:
        try:
            return view(request, job_id)
        except Http404:
            trash = Job.objects.trash_of(request.user).select_related("trashed_by")
            job = trash.filter(pk=job_id).first()
            if job is None or job.trashed_at is None:
                raise
        if "since" in request.GET:
            # An open page of it, which asked for news.
            return HttpResponseClientRefresh()
        if job.kind in UPGRADES and job.source_id:
            return redirect("job", job.source_id)
        context = {"job": job, "ends_on": keeping.ends_on(job.trashed_at)}
        return render(request, "jobs/thrown.html", context)

    return guarded
