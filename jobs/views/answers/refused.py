"""What is said of a form that was not taken, because nobody knows that its sender meant to send it.

What a stranger reads names no part of the inside. The cause, and the setting that mends it, are
for whoever runs the server: in its log, and on the page for an admin who is signed in.
"""

from __future__ import annotations

import logging
import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render

from jobs.views.callers import PEER

logger = logging.getLogger(__name__)

NO_COOKIE = (
    "The browser sent no cookie. It may refuse them, or something between it and this server "
    "leaves out the headers Cookie or Set-Cookie."
)
BESIDE_A_PAGE = {
    "old": "You have signed in again since this page was opened. Reload it, then try again.",
    "cookie": "Your browser sent no cookie. Allow cookies for this site, then reload the page.",
    "origin": "Dailies doesn’t know the address that you opened it at.",
}
"""By the kind of refusal: what is said of it on the page that the form stands on."""
ORIGIN = re.compile(r"https?://[\w.:\[\]-]{1,100}", re.ASCII)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say why, to each what is theirs to know; `reason` is Django's own."""
    kind, cause = "old", ""
    if reason == REASON_NO_CSRF_COOKIE:
        kind, cause = "cookie", NO_COOKIE
    elif reason.startswith(("Origin checking failed", "Referer checking failed")):
        kind, cause = "origin", _unknown_origin(request)
    if cause:
        logger.warning("a form was refused: %s", cause)
    if not (settings.DEBUG or getattr(request.user, "is_admin", False)):
        cause = ""
    if getattr(request, "htmx", False):
        # No page: a script says it beside what was typed, which stays.
        said = f"Nothing was done. {BESIDE_A_PAGE[kind]} {cause}".strip()
        return HttpResponse(said, status=403, content_type="text/plain; charset=utf-8")
    return render(request, "403_csrf.html", {"kind": kind, "cause": cause}, status=403)


def _unknown_origin(request: HttpRequest) -> str:
    referer = urlsplit(request.headers.get("Referer", "")[:500])
    came_from = request.headers.get("Origin") or f"{referer.scheme}://{referer.netloc}"
    if not ORIGIN.fullmatch(came_from):
        return (
            "The browser did not say from which address the form was sent. A privacy setting, "
            "an extension or a proxy can leave that out (the headers Origin and Referer)."
        )
    try:
        host = request.get_host()
    except DisallowedHost:
        host = "(a name that ALLOWED_HOSTS does not list)"
    proxy = request.META.get(PEER, "")
    asked = f"{request.scheme}://{host}"
    said = f"The form was sent from {came_from}, but this server was asked as {asked}. "
    if came_from == f"https://{host}":
        return (
            f"{said}It does not know of the TLS proxy in front of it. Let the proxy send "
            f"X-Forwarded-Proto and set TRUSTED_PROXIES={proxy}, or set TRUSTED_ORIGINS={came_from}"
        )
    return (
        f"{said}If people open Dailies at {came_from}, set TRUSTED_ORIGINS={came_from}, or let the "
        f"proxy at {proxy} pass on the header Host. If they do not, another site tried to send a "
        "form in somebody’s name, and there is nothing to mend."
    )
