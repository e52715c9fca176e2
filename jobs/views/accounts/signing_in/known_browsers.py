"""The mark of a browser that has signed in to an account: nobody else can use up its guesses.

It lets nobody in. It only has wrong passwords counted apart from those of the rest of the world, so
that no stranger can keep the owner of an account out ("device cookie", as OWASP calls it).
"""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from jobs import letters
from jobs.models import User
from jobs.secrets.tokens import new_token
from jobs.views.http.cookies import KNOWN_BROWSER as COOKIE

SECONDS = 365 * 24 * 3600
PEOPLE_MAX = 5
"""Of one browser: more would make the cookie long, and sit at no one machine."""


def mark_of(request: HttpRequest, name: str) -> str:
    """The mark of this browser for the account of this name; "" where it never signed in there."""
    return dict(_marks(request)).get(_whose(name), "")


def remember(request: HttpRequest, response: HttpResponse, person: User) -> None:
    """Give the browser a new mark for somebody who has just proved who they are."""
    mine = _whose(person.username)
    others = [each for each in _marks(request) if each[0] != mine]
    response.set_cookie(
        COOKIE,
        signing.dumps([(mine, new_token()), *others][:PEOPLE_MAX], salt=COOKIE),
        max_age=SECONDS,
        httponly=True,
        samesite="Lax",
    )


def _marks(request: HttpRequest) -> list[tuple[str, str]]:
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=SECONDS)
    except signing.BadSignature:
        return []
    return [(whose, mark) for whose, mark in kept]


def _whose(name: str) -> str:
    """No names stand in cookies."""
    return salted_hmac(COOKIE, letters.name_key(name), algorithm="sha256").hexdigest()[:20]
