"""What a page answers that could not be made."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from structlog.contextvars import get_contextvars

from jobs import database
from jobs.machine.outages import described
from jobs.views import callers

RETRY_SECONDS = 10


def broken(request: HttpRequest) -> HttpResponse:
    """A page for an error of ours; without a database, that all of it comes back by itself."""
    error = sys.exc_info()[1]
    if error is None or not database.is_away(error):
        # Nothing is asked of what may be broken.
        number = get_contextvars().get("request", "unknown")
        return HttpResponseServerError(render_to_string("500.html", {"number": number}))
    database.AWAY.noticed(described(error))
    response = HttpResponse(
        render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_SECONDS)}
    )
    # Said above, once; Django would say it of every request, with its traceback.
    callers.leave_unlogged(response)
    return response
