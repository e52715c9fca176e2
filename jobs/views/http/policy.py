"""What a browser may do with an answer of ours."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """Sends the policy of the settings, which django-csp puts together twice for each answer,
    whether it is sent with that or not.
    """

    OF_ITS_OWN = ("_csp_config", "_csp_update", "_csp_replace")
    """What django-csp's decorators leave on the answer of a view that has a policy of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self._policy = build_policy()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if HEADER in response.headers or getattr(response, "_csp_exempt", False):
            return response
        if settings.DEBUG or any(hasattr(response, name) for name in self.OF_ITS_OWN):
            return super().process_response(request, response)
        response.headers[HEADER] = self._policy
        return response
