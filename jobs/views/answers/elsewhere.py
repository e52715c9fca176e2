"""Sends people to the bucket for films that lie there, once it is clear that they may have them."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from jobs.archive.kept import files
from jobs.archive.kept.away import BUCKET
from jobs.views import callers
from jobs.views.answers import downloads

FILMS = "video/"
RETRY_SECONDS = 15


def sent_there(
    request: HttpRequest, name: str, content_type: str, save_as: str
) -> HttpResponse | None:
    """The way to a film's signed address; None for what we give out ourselves.

    It is made here and asks nobody, so that of a file that is missing a player learns from the
    bucket. A download, for which one person waits, is looked for first; and so is all while the
    bucket was away a moment ago. Raises `Http404` and `away.Unreachable`.
    """
    if settings.STORAGE_SERVE or not content_type.startswith(FILMS):
        return None
    headers = {"Content-Type": content_type, "Cache-Control": "private, max-age=3600"}
    if save_as:
        headers["Content-Disposition"] = downloads.disposition(save_as)
    address = files.address(name, str(request.method), headers)
    if not address:
        return None
    if (save_as or BUCKET.is_on) and not files.is_there(name):
        raise Http404
    response = HttpResponseRedirect(address)
    # For less than the address is good for, however late within that it is asked for.
    response["Cache-Control"] = f"private, max-age={settings.STORAGE_SECONDS // 2}"
    return response


def unreachable(request: HttpRequest) -> HttpResponse:
    """Nothing is known of a file now, and nothing is wrong with it."""
    response = render(request, "unreachable.html", status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "private, no-store"
    # That what keeps it is away is said once, and not of each picture that a page asks for.
    callers.leave_unlogged(response)
    return response
