"""Whoever is asked for a second factor and has none sets one up before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from jobs.sessions import SessionStore
from jobs.views.callers import led

OPEN = frozenset(
    (
        *("security", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes"),
        *("account_reauthenticate", "logout", "theme"),
    )
)
"""What can be asked for meanwhile; and what is for everybody in the world."""


class SecondFactorMiddleware:
    """Leads them to the page where they set it up, whatever they ask for and by whatever way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        is_public = not getattr(view, "login_required", True)
        at = request.resolver_match
        if is_public or (at and at.url_name in OPEN) or not lacks_second_factor(request):
            return None
        return led(request, resolve_url("security"))


def lacks_second_factor(request: HttpRequest) -> bool:
    """Somebody is signed in whom the team asks for a second factor, and has none."""
    session, user = request.session, request.user
    if not (isinstance(session, SessionStore) and user.is_authenticated and session.row):
        return False
    asked = session.row.second_factor_of
    is_asked = asked == "everybody" or (asked == "admins" and user.is_admin)
    return is_asked and not session.row.has_second_factor
