"""What Prometheus, or anything that reads its format, draws curves of; for who has the token."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from jobs.machine import measures
from jobs.vitals import gauges

UNNAMED = "none"
"""The view of a request that led to none: scanners make up paths, which are never a label."""


@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Tell all figures; where no METRICS_TOKEN is set, there is nothing here."""
    if not measures.are_on():
        return HttpResponse(status=404)
    if not _has_token(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    measures.register(registry)
    registry.register(gauges.STANDING)
    return HttpResponse(
        generate_latest(registry),
        content_type=CONTENT_TYPE_PLAIN_0_0_4,
        headers={"Cache-Control": "no-store"},
    )


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and constant_time_compare(token, settings.METRICS_TOKEN)


class MetricsMiddleware:
    """Times each request, by the view that answered it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.monotonic()
        response = self.get_response(request)
        found = request.resolver_match
        name = (found.url_name if found else "") or UNNAMED
        measures.page(name, response.status_code, time.monotonic() - begun)
        return response
