"""Tells a secret that only its maker may read, once: to one page, in one browser, for minutes.

Only its hash is kept, so the page cannot be asked again; and an answer to the form itself would
make another one on every reload.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_variables

FRESH = "fresh-link"
FRESH_SECONDS = 600


@sensitive_variables("token")
def tell(path: str, token: str) -> HttpResponse:
    """To the page at this path, with the secret in a signed cookie for that page alone."""
    response = redirect(path)
    response.set_signed_cookie(
        FRESH,
        token,
        salt=path,
        max_age=FRESH_SECONDS,
        path=path,
        httponly=True,
        samesite="Lax",
    )
    return response


@dataclass(frozen=True, slots=True)
class Told:
    """A secret that was told to this page, and until when it stands there."""

    token: str
    until: datetime


def told(request: HttpRequest) -> Told | None:
    """The secret that was told to this page of late; None where there is none."""
    try:
        token = request.get_signed_cookie(
            FRESH, salt=request.path, max_age=FRESH_SECONDS, default=""
        )
    except signing.BadSignature:
        return None
    if not token:
        return None
    made = signing.b62_decode(request.COOKIES[FRESH].rsplit(":", 2)[1])
    return Told(token, datetime.fromtimestamp(made + FRESH_SECONDS, UTC))
