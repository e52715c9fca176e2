"""For load balancers and monitors: is it alive, can it serve pages, does the whole work?"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseProblem
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from jobs.archive.kept import nameplate
from jobs.readiness import starting
from jobs.views import callers
from jobs.views.monitors import metrics
from jobs.vitals import heartbeats, overdue

_found_prepared = [False]


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """For whoever restarts what hangs: this process answers."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """For whoever sends people here: pages can be served, whatever workers and followers do."""
    try:
        prepared = _is_prepared()
    except DatabaseProblem:
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True, "migrations": prepared}, status=200 if prepared else 503)


@login_not_required
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """For whoever is called at night: somebody works and somebody asks, and nothing lies about."""
    try:
        work = {**heartbeats.alive(), "queue": not any(overdue.counted().values())}
        parts = {"database": True, **work, "disk": not nameplate.trouble()}
    except DatabaseProblem:
        return JsonResponse({"database": False}, status=503)
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def _is_prepared() -> bool:
    """The database answers and has been through all the migrations that this code knows."""
    if _found_prepared[0]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    else:
        # Once true it stays true.
        _found_prepared[0] = not starting.migrations_lacking()
    return _found_prepared[0]


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "healthz": live,
    "readyz": ready,
    "statusz": status,
}
BY_ANY_NAME = {**PROBES, "metrics": metrics.page}


class ProbeMiddleware:
    """Answers these whatever name they are asked by, before ALLOWED_HOSTS is looked at.

    A probe asks each machine by its number, and over http. Nor does it wait for sessions: whoever
    asks in a browser that is signed in asks no database for being alive.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = BY_ANY_NAME.get(request.path_info.removeprefix("/"))
        if probe is None:
            return self.get_response(request)
        response = probe(request)
        if response.status_code in (200, 503):
            # It is an answer and no error; who asks twice a minute would fill the log with it.
            callers.leave_unlogged(response)
        # So that the connection of who asks again and again can stay.
        response.headers["Content-Length"] = str(len(response.content))
        return response
