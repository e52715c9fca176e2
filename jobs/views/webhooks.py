"""Receive the providers' callbacks. No session, no CSRF token: the address is the secret."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseProblem
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from jobs import database, inbox, troubles
from jobs.machine import measures
from jobs.providers import PROVIDERS
from jobs.readiness import self_test
from jobs.views import callers

logger = logging.getLogger(__name__)
PLACE = "/webhooks/"
UNKNOWN_PER_MINUTE = 60
"""Wrong addresses one caller may try before it is told to slow down."""


class CallbackMiddleware:
    """Answers callbacks before anybody asks who is signed in, and from which page a form came.

    All that comes after this is about people, and providers are none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PLACE):
            return self.get_response(request)
        request.get_host()  # refuses to go by other names than ours, here as everywhere
        try:
            found = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        request.resolver_match = found  # by which monitors name it
        response: HttpResponse = found.func(request, *found.args, **found.kwargs)
        response.headers["Content-Length"] = str(len(response.content))
        return response


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """Take a callback in and answer at once; the asking is done by a worker."""
    outcome, answer = _received(request, provider, token)
    if provider in PROVIDERS:
        measures.callback(provider, outcome)
    return answer


def _received(request: HttpRequest, provider: str, token: str) -> tuple[str, HttpResponse]:
    """What became of it, in a word for monitors, and what its sender is told."""
    try:
        job = inbox.find(provider, token)
        inbox.receive(job, request.headers, _body(request))
    except inbox.Unknown:
        return _gone(request, provider)
    except inbox.Unsigned:
        troubles.refused(provider)
        return "unsigned", HttpResponse(status=401)
    except RequestDataTooBig:
        return "too large", HttpResponse(status=413)
    except inbox.Malformed:
        return "malformed", HttpResponse(status=400)
    except (DatabaseProblem, inbox.NotNow) as error:
        return "not now", _not_now(error)
    return "taken", JsonResponse({"received": True})


def _not_now(error: Exception) -> HttpResponse:
    """It is not kept, so it must not be called received: the provider tries again."""
    answer = HttpResponse(status=503)
    if isinstance(error, DatabaseProblem):
        database.broke(error, logger, "a callback could not be kept")
        # Said there: of a database that is away once, and not of each callback that comes.
        callers.leave_unlogged(answer)
    return answer


@csrf_exempt
@login_not_required
@require_POST
def echo(request: HttpRequest, token: str) -> HttpResponse:
    """Answer a test callback that this installation has sent itself."""
    if (answer := self_test.answer_to(token)) is None:
        return _unknown(request)
    return JsonResponse({"received": answer})


def _gone(request: HttpRequest, provider: str) -> tuple[str, HttpResponse]:
    """No job has this address. It may have been one's that a restored database knows no more.

    Whether it was is asked of each key, so not of who has guessed too often.
    """
    if cache.get(_guesses_of(request), 0) <= UNKNOWN_PER_MINUTE:
        with suppress(inbox.Malformed, RequestDataTooBig, DatabaseProblem):
            if inbox.keep_stray(provider, request.headers, _body(request)):
                return "taken", JsonResponse({"received": True})
    return "unknown", _unknown(request)


def _unknown(request: HttpRequest) -> HttpResponse:
    """404, and after too many of them 429. Those of jobs that are known never pass through here.

    Counted in the cache and not in `limits`: a guess must not cost a write. Behind a proxy that
    nobody named all callers share one address, so nothing but guesses is counted.
    """
    name = _guesses_of(request)
    if cache.add(name, 1, 60):
        return HttpResponse(status=404)
    with suppress(ValueError):  # its minute ended just now
        cache.incr(name)
    if cache.get(name, 0) > UNKNOWN_PER_MINUTE:
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    return HttpResponse(status=404)


def _guesses_of(request: HttpRequest) -> str:
    """Where it is counted how often this caller guessed."""
    return f"unknown-callback:{callers.caller(request)}"


def _body(request: HttpRequest) -> bytes:
    """The body, if it is JSON of at most 64 KiB; a longer one is not even read."""
    length = request.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 20):
        raise inbox.Malformed
    if int(length) > inbox.BODY_BYTES_MAX:
        raise RequestDataTooBig
    if request.content_type != "application/json":
        raise inbox.Malformed
    return request.body
