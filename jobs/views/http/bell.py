"""Tells open pages, with every answer to their poll, whether their person has news."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from jobs import news
from jobs.models import Session
from jobs.sessions import SessionStore
from jobs.views.access import Request
from jobs.views.http.activity import CURSOR

HEADER = "News"


def session_of(request: HttpRequest) -> Session | None:
    """The row of this request's session, which tells of news; None of who has none."""
    session = request.session
    return session.row if isinstance(session, SessionStore) else None


def token(request: HttpRequest) -> str:
    """Changes with every notice of this person, and with every look at one."""
    return news.token(session_of(request))


def saw(request: Request, which: Q) -> None:
    """Somebody looks at a page that tells what these notices tell."""
    if request.method == "GET" and getattr(session_of(request), "has_news", True):
        news.see(request.user, which)


class NewsMiddleware:
    """Names the newest of a person's news in the header of each answer to a poll.

    In the header, so that an answer without a body stays one: it costs no query, since the row of
    the session says it, and js/news.js asks for more only where it changes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if CURSOR in request.GET and request.user.is_authenticated:
            response.headers[HEADER] = token(request)
        return response
