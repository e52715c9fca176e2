"""Asks for the password again before what is worth a stolen or a borrowed browser: money, keys,
rights, addresses of mails. Whoever has just signed in has just proved who they are.

It is asked for when something is sent, and not before a page is read: those who only look at keys,
budgets or people are not stopped. What they sent is kept meanwhile, sealed, since a provider's key
may stand in it, and goes its way once they have proved it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import stash_and_reauthenticate
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import resolve

from jobs.secrets import vault
from jobs.views.access import Request
from jobs.views.callers import called_from, led

HELD_SECONDS = 3600
"""How long a form waits for its proof."""
P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponseBase]


def proof_required_where(
    condition: Callable[[Request], bool],
) -> Callable[[View[P]], View[P]]:
    """What this view changes, where the condition holds, is changed only by who has proved of late
    who they are.
    """

    def decorator(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            only_looks = request.method in ("GET", "HEAD", "OPTIONS")
            if only_looks or is_proved(request) or not condition(request):
                return view(request, *args, **kwargs)
            return ask(request)

        return guarded

    return decorator


def proof_required(view: View[P]) -> View[P]:
    """The same, whatever it changes."""
    return proof_required_where(lambda _: True)(view)


def is_proved(request: HttpRequest) -> bool:
    """Somebody typed their password in this session of late, or proved it in another way."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    latest: float = max((record["at"] for record in records), default=0.0)
    return bool(time.time() - latest < settings.PASSWORD_AGAIN_MINUTES * 60)


def ask(request: Request) -> HttpResponse:
    """Lead to the page that asks, and keep the form that was sent."""
    held = {
        "path": request.path,
        "get": request.GET.urlencode(),
        "post": request.POST.urlencode(),
        # The path alone may take forms only, and be no page to load anew.
        "page": called_from(request) or request.path,
    }
    state = {
        "form": vault.seal(json.dumps(held), _context(request)),
        "until": time.time() + HELD_SECONDS,
    }
    answer = stash_and_reauthenticate(request, state, f"{__name__}.{resume.__name__}")
    return led(request, answer.url)


def resume(request: Request, state: dict[str, Any]) -> HttpResponseBase:
    """Send the kept form on its way: allauth calls this after the proof."""
    try:
        held = json.loads(vault.unseal(state["form"], _context(request)))
    except vault.Unreadable:
        return redirect("studio")
    if time.time() > state["until"]:
        return HttpResponseRedirect(held["path"])
    request.method = "POST"
    request.path = request.path_info = held["path"]
    request.stands_at = held["page"]
    request.GET = QueryDict(held["get"])
    request.POST = QueryDict(held["post"])
    request.resolver_match = match = resolve(held["path"])
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return response


def _context(request: Request) -> str:
    return f"held form of person {request.user.pk}"
