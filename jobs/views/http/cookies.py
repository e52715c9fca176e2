"""The names of our cookies: over https, ones that nobody but this very host can have set.

A browser takes a name that begins with `__Host-` or `__Secure-` from an https answer alone, and
one with `__Host-` from no sister domain. Without that, whoever can answer for the same host by
plain http, or for a name beside it, could put a session of their own into somebody's browser.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.cookie import SimpleCookie

KNOWN_BROWSER = "known-browser"
"""Of the browsers that have signed in before (`accounts.known_browsers`)."""
DENSITY = "density"
"""How closely the studio's cards stand in this browser (`studio.density`)."""
ANSWERED = "answered-"
"""Begins the name of one that tells a page of its form's answer (`AnsweredMiddleware`)."""
Handler = Callable[[HttpRequest], HttpResponse]


class CookieNamesMiddleware:
    """Gives cookies of an https answer their prefix, and reads no others from an https request.

    It goes by the request and not by a setting: behind a proxy one server can have an address with
    TLS, and one without where such cookies would be lost. The views see the same names in both.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.is_secure():
            return self.get_response(request)
        request.COOKIES = {
            plain: value
            for name, value in request.COOKIES.items()
            for plain in (name.removeprefix("__Host-").removeprefix("__Secure-"),)
            if name == over_https(plain)
        }
        response = self.get_response(request)
        response.cookies = _renamed(response.cookies)
        return response


def over_https(name: str) -> str:
    """The name by which an https address sets a cookie of ours.

    Those of a share link hold for the path of that link alone, which `__Host-` does not allow. A
    sister domain could plant one: a pass that it knows, or a visitor that it made, and no account.
    """
    whole = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, KNOWN_BROWSER, DENSITY)
    is_whole = name in whole or name.startswith(ANSWERED)
    return ("__Host-" if is_whole else "__Secure-") + name


def _renamed(cookies: SimpleCookie) -> SimpleCookie:
    renamed: SimpleCookie = SimpleCookie()
    for name, cookie in cookies.items():
        cookie.set(over_https(name), cookie.value, cookie.coded_value)
        cookie["secure"] = True
        renamed[over_https(name)] = cookie
    return renamed
