"""For monitors: is it alive, and can it work?"""

from __future__ import annotations

from collections.abc import Callable

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


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {"healthz": live, "readyz": ready}


class ProbeMiddleware:
    """Answers these two whatever name they are asked by, before ALLOWED_HOSTS is looked at.

    A probe asks each machine by its number, and over http. Nor does it wait for sessions: whoever
    asks in a browser that is signed in asks no database for being alive.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info.removeprefix("/"))
        if probe is None:
            return self.get_response(request)
        response = probe(request)
        # So that the connection of who asks again and again can stay.
        response.headers["Content-Length"] = str(len(response.content))
        return response
