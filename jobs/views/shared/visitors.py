"""Who a visitor of a link is: what their browser is known by, and the name they gave."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from jobs.views.shared.link import set_cookie

VISITOR = "visitor"
VISITOR_SECONDS = 90 * 24 * 3600


def id_of(request: HttpRequest) -> str:
    """The name of this browser on this link; '' before it has said anything."""
    return _known(request)[0]


def name_of(request: HttpRequest) -> str:
    """The name that they said something under; '' before that."""
    return _known(request)[1]


def remember(response: HttpResponseBase, token: str, visitor: str, name: str) -> None:
    told = signing.dumps([visitor, name], salt=VISITOR)
    set_cookie(response, VISITOR, told, reverse("shared", args=[token]), seconds=VISITOR_SECONDS)


def _known(request: HttpRequest) -> tuple[str, str]:
    try:
        visitor, name = signing.loads(request.COOKIES.get(VISITOR, ""), salt=VISITOR)
    except (signing.BadSignature, ValueError):
        return "", ""
    return str(visitor), str(name)
