"""The parts between the browser and the views."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django_htmx.http import HttpResponseClientRedirect

from jobs.forms import digits
from jobs.limits import TooMany
from jobs.views import callers
from jobs.views.http.cookies import ANSWERED

Handler = Callable[[HttpRequest], HttpResponse]


class ProxyMiddleware:
    """Believes what is said of the way a request came only where a proxy of ours says it.

    Whoever else says so may have made it up. The address in REMOTE_ADDR is that of the client from
    here on.
    """

    FORWARDED = ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_FOR")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR", "")
        request.META[callers.PEER] = peer
        if callers.is_proxy(peer):
            told = request.META.get("HTTP_X_FORWARDED_FOR", "")
            request.META["REMOTE_ADDR"] = callers.behind(peer, told)
        else:
            for name in self.FORWARDED:
                request.META.pop(name, None)
        return self.get_response(request)


class TooManyMiddleware:
    """Says so, and until when, where somebody has reached a limit and no form told them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, TooMany):
            return None
        if getattr(request, "htmx", False):
            messages.error(request, error.user_message)
            response = render(request, "shell/_toasts.html")
            response.headers["HX-Retarget"] = "#toasts"
        else:
            response = render(request, "429.html", {"said": error.user_message})
        return callers.later(response, error)


class CharsetMiddleware:
    """Turns away forms in other letters than ours: they can spell what no text may hold.

    Django does so by itself for forms without files, and not for those that may have some.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        charset = (request.content_params or {}).get("charset", "utf-8").lower()
        if request.content_type == "multipart/form-data" and charset not in ("utf-8", "utf8"):
            return HttpResponseBadRequest("Send forms in UTF-8.", content_type="text/plain")
        return self.get_response(request)


class AnsweredMiddleware:
    """Tells the page that a form was sent from that it was answered, by a cookie for its script
    (js/typed.js), which fills in again what got no answer. A cookie is there with the first line of
    an answer, also of one that leads on, whatever becomes of the next page.
    """

    SHOWN_AGAIN = (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
    """The statuses of a page with the form again, and what is wrong in it."""
    KEPT = timedelta(minutes=10)

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        status = response.status_code
        is_answered = status < HTTPStatus.BAD_REQUEST or status in self.SHOWN_AGAIN
        # Of whoever has to sign in again nothing was taken.
        if request.method == "POST" and is_answered and request.user.is_authenticated:
            number = digits(request.POST.get("sending", ""))
            if number is not None:
                response.set_cookie(f"{ANSWERED}{number}", "1", max_age=self.KEPT, samesite="Lax")
        return response


class SignedOutMiddleware:
    """Sends the whole tab of a signed-out person to the login page.

    A fetch would follow the redirect by itself, and the login form would land inside the grid.
    After signing in they are where they were: on the page that was open, not at the address of its
    poll or of its form. Pages of signed-in people are not kept by the browser, so Back after log
    out shows nothing.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # With the address that was asked for; who has just signed out goes there without one.
        if response.headers.get("Location", "").startswith(f"{resolve_url('login')}?next="):
            response = _to_login(request, response)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


def _to_login(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    login, was_on = resolve_url("login"), callers.called_from(request)
    is_sent = request.method not in ("GET", "HEAD") and not _is_asked_while_typing(request)
    said = {"unsent": "1"} if is_sent else {}
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(f"{login}?{_next(was_on, **said)}" if was_on else login)
    if request.method in ("GET", "HEAD"):
        return response
    # The address that a form was sent to may be no page to come back to.
    return HttpResponseRedirect(f"{login}?{_next(was_on or resolve_url('studio'), **said)}")


def _is_asked_while_typing(request: HttpRequest) -> bool:
    """Whether the composer asks of what stands in it, which is too long for an address."""
    return request.resolver_match is not None and request.resolver_match.url_name == "same"


def _next(path: str, **more: str) -> str:
    return urlencode({"next": path, **more}, safe="/")
