"""Addresses in letters with which their reader changes what comes, without signing in.

Whoever has one can have fewer or more letters sent, of the kinds that it names, to the person it is
for; and nothing else. It holds no longer than the address it was sent to is theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

from jobs.models import Notice, User
from jobs.net import addresses

SALT = "jobs.mail.stopping"


@dataclass(frozen=True, slots=True)
class Stopping:
    """The bearer may choose how this person is mailed about these kinds."""

    person: User
    kinds: tuple[str, ...]


def token_for(person: User, kinds: Iterable[str]) -> str:
    """The signed text that stands in the address; nothing is kept of it."""
    return signing.dumps([person.pk, sorted(kinds), _mark(person)], salt=SALT)


def read(token: str) -> Stopping | None:
    """None for what we never signed, and where the person has gone, or has another address."""
    try:
        number, kinds, mark = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    person = User.objects.filter(pk=number, is_active=True).exclude(email="").first()
    known = tuple(kind for kind in Notice.Kind if kind in kinds)
    return Stopping(person, known) if person and known and mark == _mark(person) else None


def address_of(person: User, kinds: Iterable[str]) -> str:
    """The whole address; '' where nobody knows ours."""
    return addresses.public(reverse("stop-mail", args=[token_for(person, kinds)]))


def _mark(person: User) -> str:
    return salted_hmac(SALT, person.email, algorithm="sha256").hexdigest()[:12]
