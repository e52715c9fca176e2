"""Links that let one new person in each. The link is shown once; only its hash is kept."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from jobs import ledger
from jobs.models import AuditEvent, Invitation, Job, Project, User, prepared
from jobs.secrets.tokens import hash_token, new_token
from jobs.times import clock

VALID_DAYS = 7


class NotValid(Exception):
    """Nobody can join with this link: unknown, used, expired or revoked. Strangers get no more."""


@transaction.atomic
def invite(
    role: str,
    by: User,
    *,
    note: str = "",
    allowance: int = 0,
    credits: int = 0,
    project: Project | None = None,
) -> str:
    """Make a link for one person; its token, which nobody can be shown again.

    `allowance` and `credits` are what they begin with: every month, and once.
    """
    token = new_token()
    Invitation.objects.create(
        token_hash=hash_token(token),
        role=role,
        note=note,
        allowance=allowance,
        credits=credits,
        project=project,
        invited_by=by,
        expires_at=clock.after(VALID_DAYS * 24 * 3600),
    )
    gives = [role]
    if allowance:
        gives.append(f"{allowance:,} credits a month")
    if credits:
        gives.append(f"{credits:,} credits")
    if project:
        gives.append(f"first in {project.name}")
    AuditEvent.objects.create(
        actor=by, action="person invited", subject=_whom(note), after=", ".join(gives)
    )
    return token


def last_terms(by: User) -> dict[str, int | None]:
    """What this admin's last invitation gave: the next one mostly gives the same."""
    last = Invitation.objects.filter(invited_by=by).first()
    if last is None:
        return {}
    given = {"allowance": last.allowance or None, "credits": last.credits or None}
    return {**given, "project": last.project_id}


def find(token: str) -> Invitation:
    """The open invitation of this link. Raises `NotValid`."""
    rows = Invitation.objects.open().filter(token_hash=hash_token(token))
    if found := rows.select_related("invited_by", "project").first():
        return found
    raise NotValid


def accept(token: str, person: User) -> None:
    """Let a new person in, who has chosen a name and a password and is not saved yet.

    They get what the invitation carries, from its maker's hand. Raises `NotValid`, and
    `IntegrityError` where the name was taken meanwhile.
    """
    invitation = find(token)
    with transaction.atomic():
        person.role = invitation.role
        person.save(force_insert=True)
        # Of two people with the same link the second finds it used.
        if not Invitation.objects.open().filter(pk=invitation.pk).update(used_by=person):
            raise NotValid
        AuditEvent.objects.create(
            actor=person,
            action="person joined",
            subject=person.username,
            before=f"invited by {invitation.invited_by.username}",
            after=person.role,
            reason=invitation.note,
        )
        by = invitation.invited_by
        if invitation.credits:
            ledger.grant(person, invitation.credits, reason="By invitation", actor=by)
        if invitation.allowance:
            ledger.set_allowance(person, invitation.allowance, reason="By invitation", actor=by)


def first_project(person: User) -> int | None:
    """The id of the project that their first video is for, by the invitation they came with.

    None once they have ordered anything, and where nothing new is filed under it any more.
    """
    found = prepared.rows("first project", _first_projects, person.pk)
    return found[0] if found else None


def _first_projects(person: int) -> QuerySet[Invitation, int | None]:
    ordered = Job.objects.filter(owner=OuterRef("used_by"))
    rows = Invitation.objects.filter(~Exists(ordered), used_by=person)
    rows = rows.filter(project__in=Project.objects.open())
    return rows.values_list("project_id", flat=True)[:1]


@transaction.atomic
def revoke(invitation: Invitation, by: User) -> bool:
    """Take a link back; true if it was still open."""
    if not Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=Now()):
        return False
    AuditEvent.objects.create(
        actor=by,
        action="invitation revoked",
        subject=_whom(invitation.note),
        before=invitation.role,
    )
    return True


def _whom(note: str) -> str:
    return note or "somebody new"
