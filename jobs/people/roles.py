"""Roles, and who may sign in at all. There is one active admin at any time."""

from __future__ import annotations

from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs import sessions
from jobs.letters import isolated
from jobs.letters.explained import Explained
from jobs.models import AuditEvent, Invitation, PasswordLink, Team, User

ADMIN = User.Role.ADMIN


class PersonNotChanged(Explained):
    """Nothing has changed, for a reason that people can read."""


@transaction.atomic
def change_role(person: User, role: str, by: User | None, *, reason: str) -> None:
    """Make somebody an admin, or a member again; by nobody where a command on the server does.

    Raises `PersonNotChanged`.
    """
    line_up(by)
    # Of two who demote each other the second is no admin any more; so this is about oneself.
    if role != ADMIN and is_last_admin(person):
        raise PersonNotChanged(
            f"{isolated(person.label)} is the only active admin. Make someone else an admin first."
        )
    rows = User.objects.filter(pk=person.pk, is_active=True)
    if not rows.exclude(role=role).update(role=role):
        why = "already has this role" if rows.exists() else "is deactivated"
        raise PersonNotChanged(f"{isolated(person.label)} {why}.")
    if role != ADMIN:
        end_links_made_by(person)
    AuditEvent.objects.create(
        actor=by,
        action="role changed",
        subject=person.username,
        before=person.role,
        after=role,
        reason=reason,
    )


@transaction.atomic
def deactivate(person: User, by: User, *, reason: str) -> None:
    """Keep somebody out until further notice: their sessions end at once, their videos go on.

    Raises `PersonNotChanged`.
    """
    line_up(by)
    require_another(person, by)
    if not User.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
        raise PersonNotChanged(f"{isolated(person.label)} is already deactivated.")
    shut_out(person)
    AuditEvent.objects.create(
        actor=by,
        action="person deactivated",
        subject=person.username,
        before=person.role,
        reason=reason,
    )


@transaction.atomic
def reactivate(person: User, by: User, *, reason: str) -> None:
    """Let somebody in again, also who had left: what had passed on by then stays where it is.

    Raises `PersonNotChanged`.
    """
    line_up(by)
    # A session that began in the moment of deactivating must not come back to life.
    sessions.end_all(person.pk)
    rows = User.objects.filter(pk=person.pk, is_active=False)
    if not rows.update(is_active=True, left_at=None, heir=None):
        raise PersonNotChanged(f"{isolated(person.label)} is already active.")
    AuditEvent.objects.create(
        actor=by,
        action="person reactivated",
        subject=person.username,
        before="left" if person.left_at else "deactivated",
        after=person.role,
        reason=reason,
    )


def line_up(by: User | None) -> None:
    """Wait until nobody else is changing who is an admin; call it first in a transaction.

    Raises `PersonNotChanged` for somebody who has ceased to be one meanwhile.
    """
    Team.objects.get_or_create(pk=1)
    Team.objects.filter(pk=1).update(name=F("name"))
    if by is not None and not _admins().filter(pk=by.pk).exists():
        raise PersonNotChanged("You are no longer an admin.")


def is_last_admin(person: User) -> bool:
    """There is no active admin beside them."""
    return not _admins().exclude(pk=person.pk).exists()


def require_another(person: User, by: User) -> None:
    """Nobody closes the door behind themselves; so an admin is always left."""
    if person.pk == by.pk:
        raise PersonNotChanged("You can’t do that to yourself. Ask another admin.")


def shut_out(person: User) -> None:
    """End their sessions, and the links by which they, or others in their name, could come in."""
    sessions.end_all(person.pk)
    person.password_links.filter(ended_at=None).update(ended_at=Now())
    end_links_made_by(person)


def end_links_made_by(person: User) -> None:
    """The invitations and the links for a password that somebody made while they were an admin."""
    Invitation.objects.open().filter(invited_by=person).update(revoked_at=Now())
    PasswordLink.objects.open().filter(made_by=person).update(ended_at=Now())


def _admins() -> models.QuerySet[User]:
    return User.objects.filter(role=ADMIN, is_active=True)
