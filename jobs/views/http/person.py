"""Finds whose session it is with the session, and not by a question of its own."""

from __future__ import annotations

from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from jobs.models import User
from jobs.sessions import SessionStore, at_hand


class PersonMiddleware(AuthenticationMiddleware):
    """Django's own, which goes on to judge whether the session lets this person in."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _person(request))  # type: ignore[assignment]


def _person(request: HttpRequest) -> User | AnonymousUser:
    """Found once in a request, and kept where Django's middleware would keep it."""
    if not hasattr(request, "_cached_user"):
        with at_hand(_who_is_signed_in(request)):
            vars(request)["_cached_user"] = auth.get_user(request)
    found: User | AnonymousUser = vars(request)["_cached_user"]
    return found


def _who_is_signed_in(request: HttpRequest) -> User | None:
    """As the row of the session says, which is read for it."""
    session = request.session
    if auth.SESSION_KEY not in session or not isinstance(session, SessionStore):
        return None
    return session.row.user if session.row else None
