"""Takes keys in: tried at the provider first, sealed, and never given out again."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from jobs import directory
from jobs.credentials import specimen
from jobs.credentials.accounts import note, separate
from jobs.credentials.states import note_balance, said, wake
from jobs.letters.explained import Explained
from jobs.models import Credential, User
from jobs.providers import errors
from jobs.secrets import vault


class NotUsable(Explained):
    """The provider does not take this key, or could not be asked. Nothing was saved."""


def save_key(owner: User | None, provider: str, key: str, *, actor: User | None) -> Credential:
    """Try a key and keep it as this person's (or, without an owner, the team's) key.

    Raises `NotUsable` with a sentence for people.
    """
    if not specimen.fits():
        raise NotUsable(
            "This server can’t store keys at the moment, so it was not saved. Tell an admin that "
            "its CREDENTIAL_KEYS need a look."
        )
    return _keep(owner, provider, key, balance=_try(provider, key), actor=actor)


def save_practice_keys(keys: dict[str, str]) -> None:
    """Give the team its keys for the practice provider, without asking it first."""
    for provider, key in keys.items():
        if not _find(None, provider):
            _keep(None, provider, key, balance=None, actor=None)


@transaction.atomic
def save_signing_key(credential: Credential, key: str, *, actor: User) -> None:
    """Keep the secret that this account's callbacks are signed with; empty takes it away."""
    now = Credential.objects.get(pk=credential.pk)
    if _holds(now.sealed_signing_key, now, key):
        return
    note(
        actor,
        "signing key saved" if key else "signing key removed",
        credential,
        before=now.signing_last_four,
        after=key[-4:],
    )
    Credential.objects.filter(pk=credential.pk).update(
        sealed_signing_key=vault.seal(key, credential.seal_context) if key else "",
        signing_last_four=key[-4:],
    )


@transaction.atomic
def remove(credential: Credential, *, actor: User | None) -> None:
    """Wipe a key. Jobs that were made with it go on with another key of their owner."""
    # The key's row before those of its jobs, in the order in which claims take them.
    Credential.objects.filter(pk=credential.pk).update(claimed_at=Now())
    separate(credential, actor=actor)
    note(actor, "key removed", credential, before=credential.last_four)
    credential.delete()


def _try(provider: str, key: str) -> Decimal | None:
    try:
        return directory.client(provider).balance(key)
    except errors.Unreachable as error:
        raise NotUsable(
            "The provider could not be reached to check the key, so it was not saved. "
            "Check the server’s network, then try again."
        ) from error
    except errors.NotAccepted as error:
        raise NotUsable(
            "The provider could not check the key just now, so it was not saved. "
            "Try again in a minute."
        ) from error
    except errors.ProviderError as error:
        raise NotUsable(said(error)) from error


def _find(owner: User | None, provider: str) -> Credential | None:
    return Credential.objects.filter(
        owner=owner, provider=provider, practice=settings.PRACTICE
    ).first()


@transaction.atomic
def _keep(
    owner: User | None, provider: str, key: str, *, balance: Decimal | None, actor: User | None
) -> Credential:
    credential = _find(owner, provider) or Credential(
        owner=owner, provider=provider, practice=settings.PRACTICE
    )
    credential.state = Credential.State.READY
    credential.note = ""
    credential.balance = balance
    credential.checked_at = timezone.now()
    # It was just asked with, or is to be tried: what was not reached with it before is over.
    credential.unreachable_since = credential.probe_at = None
    # Workers write to the same row meanwhile: only what is entered here is saved.
    fields = ["state", "note", "balance", "checked_at"]
    fields += ["unreachable_since", "probe_at"]
    before = credential.last_four
    is_another = not _holds(credential.sealed_key, credential, key)
    if is_another:
        if credential.pk and actor is not None and not actor.is_admin:
            # It may be of another account, which no admin has joined to the others.
            separate(credential, actor=actor)
            credential.joined_to = None
        credential.sealed_key = vault.seal(key, credential.seal_context)
        credential.last_four = key[-4:]
        credential.saved_at = credential.checked_at
        fields += ["sealed_key", "last_four", "saved_at"]
    credential.save(update_fields=fields if credential.pk else None)
    if balance is not None:
        note_balance(credential, balance)
    if is_another:
        note(actor, "key saved", credential, before=before, after=credential.last_four)
    wake(credential)
    return credential


def _holds(sealed: str, credential: Credential, key: str) -> bool:
    """What is kept is this very key, or like it nothing."""
    if not (sealed and key):
        return not (sealed or key)
    try:
        return constant_time_compare(vault.unseal(sealed, credential.seal_context), key)
    except vault.Unreadable:
        return False
