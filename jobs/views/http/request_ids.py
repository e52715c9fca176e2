"""The number of a request: in every line of the log about it, in its answer, and on the page of an
error (`broken`), so that what somebody saw can be found.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bind_contextvars, clear_contextvars

from jobs.views import callers

HEADER = "X-Request-ID"
GIVEN = re.compile(r"[\w-]{8,64}", re.ASCII)


class RequestIdMiddleware:
    """Binds what the lines of the log are about: the request, its address, and its person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = _given(request) or secrets.token_hex(8)
        clear_contextvars()
        bind_contextvars(request=number, address=request.META.get("REMOTE_ADDR", ""))
        response = self.get_response(request)
        response.headers[HEADER] = number
        return response

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        if request.user.is_authenticated:
            bind_contextvars(person=request.user.pk)


@receiver(request_finished)
def _forget(**_: Any) -> None:
    """What the thread writes from here on is about something else. Django itself logs until now."""
    clear_contextvars()


def _given(request: HttpRequest) -> str:
    """The number that a proxy of ours has given it already, for one line there and one here."""
    told = request.headers.get(HEADER, "")
    if GIVEN.fullmatch(told) and callers.is_proxy(request.META.get(callers.PEER, "")):
        return told
    return ""
