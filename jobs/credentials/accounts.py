"""Which account at the provider a key belongs to: its own, or by an admin's word that of another.

The name that an owner gives is theirs to choose and joins nothing, or everybody who types the name
of the team's account would share its rate, and be taken for it in the comparison of balances.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from jobs.letters.explained import Explained
from jobs.models import AuditEvent, Credential, User
from jobs.providers import PROVIDERS


class NotJoined(Explained):
    """These keys cannot be of one account; `user_message` says why."""


@transaction.atomic
def set_account(credential: Credential, name: str, *, actor: User) -> None:
    """Name the account of a key, for its owner and the evidence; an empty name takes it away."""
    before = _locked(credential).account
    if before == name:
        return
    note(actor, "key's account named", credential, before=before, after=name)
    Credential.objects.filter(pk=credential.pk).update(account=name)


@transaction.atomic
def join(credential: Credential, other: Credential, *, actor: User) -> bool:
    """Say that two keys are of one account, which then shares its rate; true if that is news.

    Whatever was joined to either comes along. Raises `NotJoined`.
    """
    if (credential.provider, credential.practice) != (other.provider, other.practice):
        raise NotJoined("Keys of different providers are never one account.")
    if credential.pk == other.pk:
        raise NotJoined("Choose two keys.")
    # In their order, as all do: two admins who join the same two at once wait for each other.
    first, second = sorted((credential, other), key=lambda each: each.pk)
    mine, theirs = _locked(first), _locked(second)
    if credential.pk != first.pk:
        mine, theirs = theirs, mine
    lead, led = theirs.joined_to_id or theirs.pk, mine.joined_to_id or mine.pk
    if lead == led:
        return False
    Credential.objects.filter(joined_to=led).update(joined_to=lead)
    Credential.objects.filter(pk=led).update(joined_to=lead)
    note(actor, "keys joined", credential, after=f"one account with the {described(other)}")
    return True


@transaction.atomic
def separate(credential: Credential, *, actor: User | None) -> bool:
    """Say that a key has an account of its own; true if it shared one."""
    now = _locked(credential)
    others = Credential.objects.filter(joined_to=credential.pk).order_by("pk")
    heir = others.first()
    if now.joined_to_id is None and heir is None:
        return False
    note(actor, "key separated", credential, before=_with(now, heir))
    Credential.objects.filter(pk=credential.pk).update(joined_to=None)
    if heir:
        # The others stay together.
        others.exclude(pk=heir.pk).update(joined_to=heir)
        Credential.objects.filter(pk=heir.pk).update(joined_to=None)
    return True


def label(credential: Credential) -> str:
    """The name of its account in the evidence: no two owners have the same, whatever they type."""
    lead = credential.joined_to or credential
    name = lead.account or lead.last_four
    return f"{name} ({lead.owner.username})" if lead.owner else name


def described(credential: Credential) -> str:
    """As the audit names a key."""
    whose = credential.owner.username if credential.owner else "the team"
    return f"{PROVIDERS[credential.provider].label} key of {whose}"


def note(
    actor: User | None, action: str, credential: Credential, *, before: str = "", after: str = ""
) -> None:
    """Put a change of a key on record."""
    AuditEvent.objects.create(
        actor=actor, action=action, subject=described(credential), before=before, after=after
    )


def _with(now: Credential, heir: Credential | None) -> str:
    other = now.joined_to or heir
    return f"one account with the {described(other)}" if other else ""


def _locked(credential: Credential) -> Credential:
    """As it stands, and nobody else's until the transaction ends."""
    Credential.objects.filter(pk=credential.pk).update(account=F("account"))
    return Credential.objects.select_related("owner", "joined_to__owner").get(pk=credential.pk)
