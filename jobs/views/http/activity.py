"""What counts as somebody doing something, so that a session goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from jobs.sessions import SessionStore

FILES = frozenset(("video", "poster", "image", "shared-video", "shared-poster", "shared-picture"))
"""Fetched by a page, also by one that shows what has come meanwhile."""
CURSOR = "since"
"""In the address by which an open page asks for news."""


class ActivityMiddleware:
    """Notes when, from where and in which browser somebody last did something.

    What an open page asks by itself is nothing that somebody does: one that was left open would
    keep its session alive for ever. A film that plays, or a job that is watched, ends no later for
    it; the hours are counted from the last click, and signing in leads back to where one was.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        session = request.session
        if not isinstance(session, SessionStore) or not request.user.is_authenticated:
            return
        if not _is_by_itself(request):
            session.note_activity(
                request.META.get("REMOTE_ADDR", ""), request.headers.get("User-Agent", "")
            )


def _is_by_itself(request: HttpRequest) -> bool:
    at = request.resolver_match
    return CURSOR in request.GET or (at is not None and at.url_name in FILES)
