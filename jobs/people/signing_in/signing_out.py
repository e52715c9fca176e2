"""Ends sessions before their time: one's own elsewhere, or everywhere those of somebody else."""

from __future__ import annotations

from django.db import transaction

from jobs import sessions
from jobs.models import AuditEvent, User
from jobs.people.roles import line_up, require_another


@transaction.atomic
def sign_out(person: User, by: User | None, *, reason: str) -> int:
    """Sign somebody out in every browser; by nobody where a command on the server does.

    How many sessions that ended. Raises `PersonNotChanged`.
    """
    line_up(by)
    if by is not None:
        require_another(person, by)
    ended = sessions.end_all(person.pk)
    if ended:
        _note(by, person, ended, reason)
    return ended


@transaction.atomic
def end_own(person: User, which: str) -> bool:
    """End one of one's own sessions, by its key in the table; false where it is over already."""
    ended = sessions.end(person, which)
    if ended:
        _note(person, person, 1)
    return ended


@transaction.atomic
def end_others(person: User, this: str) -> int:
    """End all of one's own sessions but the one with this id; how many that were."""
    ended = sessions.end_all(person.pk, but=this)
    if ended:
        _note(person, person, ended)
    return ended


def _note(by: User | None, person: User, ended: int, reason: str = "") -> None:
    AuditEvent.objects.create(
        actor=by,
        action="signed out",
        subject=person.username,
        after=f"{ended} session{'' if ended == 1 else 's'} ended",
        reason=reason,
    )
