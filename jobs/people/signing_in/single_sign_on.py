"""People who prove elsewhere who they are: which person of ours that is, and what they may do.

Somebody is known by the number that the issuer gave them, and by nothing else. Not by their e-mail
address: a mailbox passes to others, and whoever reads the boss' would be handed the boss'
first sign-in, and with it the groups of the boss. Whoever has an account connects it, signed in;
whoever has none comes by an invitation, or where OIDC_OPEN is set by themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from jobs import letters
from jobs.models import AuditEvent, User
from jobs.models.team.user import check_spelling
from jobs.people import inviting
from jobs.people.roles import PersonNotChanged, change_role

logger = logging.getLogger(__name__)

NAMES_TRIED = 20


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody, as a signed statement of the issuer has it."""

    issuer: str
    """Which one, as it stands in `SocialAccount.provider`."""
    number: str
    """The subject: never given to somebody else."""
    name: str
    email: str
    """Only one that the issuer has checked."""
    groups: frozenset[str]


class AlreadyConnected(Exception):
    """The identity, or the person, is connected with another."""


def is_connected(person: User) -> bool:
    return SocialAccount.objects.filter(user=person, provider__startswith="sso-").exists()


@transaction.atomic
def connect(person: User, identity: Identity) -> None:
    """Let somebody who is signed in come in by it from now on. Raises `AlreadyConnected`."""
    if is_connected(person):
        raise AlreadyConnected
    try:
        with transaction.atomic():
            SocialAccount.objects.create(user=person, provider=identity.issuer, uid=identity.number)
    except IntegrityError as error:
        raise AlreadyConnected from error
    _note(person, "single sign-on connected")


@transaction.atomic
def disconnect(person: User) -> bool:
    """Back to the password alone; false where there is none, or nothing was connected."""
    found = SocialAccount.objects.filter(user=person, provider__startswith="sso-")
    if not person.has_usable_password() or not found.delete()[0]:
        return False
    _note(person, "single sign-on disconnected")
    return True


def join(identity: Identity, token: str = "") -> User:
    """Somebody new, by an invitation's token or, without one, by themselves.

    Raises `inviting.NotValid`.
    """
    for name in _names(identity):
        person = User(username=name, email=identity.email)
        person.set_unusable_password()
        try:
            check_spelling(name)
            User.objects.check_free(name)
            with transaction.atomic():
                if token:
                    inviting.accept(token, person)
                else:
                    person.save(force_insert=True)
                    _note(person, "person joined")
                connect(person, identity)
        except (ValidationError, IntegrityError):
            continue
        return person
    raise inviting.NotValid


def follow_groups(person: User, identity: Identity) -> None:
    """Give somebody the role that their groups say now. The last admin stays one."""
    if not settings.OIDC_ADMIN_GROUPS:
        return
    is_admin = bool(identity.groups & set(settings.OIDC_ADMIN_GROUPS))
    role = User.Role.ADMIN if is_admin else User.Role.MEMBER
    if person.role == role or not person.is_active:
        return
    try:
        change_role(person, role, None, reason=f"By their groups at {settings.OIDC_NAME}"[:300])
    except PersonNotChanged as refusal:
        logger.warning("the groups of %s were not followed: %s", person.username, refusal)
    else:
        person.role = role


def _names(identity: Identity) -> Iterator[str]:
    """A username for somebody new: theirs, or the next one like it that nobody has."""
    wanted = letters.as_name(identity.name or identity.email.partition("@")[0])[:140] or "member"
    yield wanted
    for number in range(2, NAMES_TRIED):
        yield f"{wanted}-{number}"
    yield f"member-{User.objects.count() + 1}"


def _note(person: User, action: str) -> None:
    AuditEvent.objects.create(
        actor=person,
        action=action,
        subject=person.username,
        reason=f"by {settings.OIDC_NAME}"[:300],
    )
