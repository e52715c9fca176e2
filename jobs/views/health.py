"""For monitors: is it alive, and can it work?"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseProblem
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from jobs import clock
from jobs.models import Job

QUEUE_AGE_MAX = 120
"""Seconds for which a wake-up may be overdue before the workers count as not working."""


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers, and no due work has been lying about."""
    try:
        late = clock.after(-QUEUE_AGE_MAX)
        overdue = (
            Job.objects.filter(check_at__lt=late).exists()
            or Job.objects.forgotten().filter(wake_at__lt=late).exists()
        )
    except DatabaseProblem:
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True, "worker": not overdue}, status=503 if overdue else 200)
