"""The parts between the browser and the views."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect

Handler = Callable[[HttpRequest], HttpResponse]


class ProxyMiddleware:
    """Believes what is said of the way a request came only where a proxy of ours says it.

    Whoever else says so may have made it up.
    """

    FORWARDED = ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._is_of_a_proxy(request):
            for name in self.FORWARDED:
                request.META.pop(name, None)
        return self.get_response(request)

    @staticmethod
    def _is_of_a_proxy(request: HttpRequest) -> bool:
        try:
            peer = ip_address(request.META.get("REMOTE_ADDR", ""))
        except ValueError:
            return False
        if isinstance(peer, IPv6Address) and peer.ipv4_mapped:
            peer = peer.ipv4_mapped
        return any(peer in network for network in settings.TRUSTED_PROXIES)


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


class SignedOutMiddleware:
    """Sends the whole tab of a signed-out person to the login page.

    A fetch would follow the redirect by itself, and the login form would land inside the grid.
    Pages of signed-in people are not kept by the browser, so Back after log out shows nothing.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        login = resolve_url("login")
        if getattr(request, "htmx", False) and response.headers.get("Location", "").startswith(
            login
        ):
            return HttpResponseClientRedirect(login)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response
