"""Reads the balances of keys, which is also how one that was refused is found to work again."""

from __future__ import annotations

from contextlib import suppress

from django.db.models import Q
from django.db.models.functions import Now

from jobs import credentials
from jobs.credentials import circuit
from jobs.models import Credential
from jobs.providers import PROVIDERS, errors
from jobs.secrets import vault
from jobs.times import clock

BALANCE_SECONDS = 600
"""Seconds between two readings of a working key's balance, or two tries of a rejected key."""
EMPTY_SECONDS = 60
"""Seconds until a topped-up account is noticed, or a balance is read that nobody knows yet."""
KEYS_AT_ONCE = 4


def claim_keys(limit: int = KEYS_AT_ONCE) -> list[Credential]:
    """Take up to `limit` keys whose balance is to be read now; nobody else gets them meanwhile.

    That is also how a key that was refused is found to work again: an hourly limit ends by itself,
    and an account is topped up.
    """
    stale = Q(checked_at=None) | Q(checked_at__lt=clock.after(-BALANCE_SECONDS))
    empty = Q(state=Credential.State.EMPTY, checked_at__lt=clock.after(-EMPTY_SECONDS))
    unknown = Q(balance=None, checked_at__lt=clock.after(-EMPTY_SECONDS))
    # Where no balance is told there is nothing to read, only a refused key to be tried again.
    silent = [name for name, provider in PROVIDERS.items() if not provider.tells_balance]
    idle = Q(provider__in=silent) & ~Q(state=Credential.State.REJECTED)
    due = (
        Credential.objects.current()
        # Whose provider can't be reached is asked by a probe alone.
        .filter(stale | empty | unknown & Q(state=Credential.State.READY), unreachable_since=None)
        .exclude(idle)
    )
    return [
        credential
        for credential in list(due.order_by("checked_at")[:limit])
        if due.filter(pk=credential.pk).update(checked_at=Now())
    ]


def claim_probes(limit: int = KEYS_AT_ONCE) -> list[Credential]:
    """Take the keys with which it is to be tried now whether their provider answers again.

    Those whose balance can be asked, which is free: others are tried by their own work.
    """
    asked = [name for name, provider in PROVIDERS.items() if provider.tells_balance]
    due = Credential.objects.current().filter(provider__in=asked, probe_at__lte=Now())
    return [key for key in due.order_by("probe_at")[:limit] if circuit.take_probe(key)]


def probe(credential: Credential) -> None:
    """Ask for one claimed key's balance, and close its circuit if there is any answer."""
    try:
        credentials.refresh_balance(credential)
    except errors.ANSWERS:
        pass
    except (errors.ProviderError, vault.Unreadable):
        return
    circuit.reached(credential)


def read_balance(credential: Credential) -> None:
    """Ask for one claimed key's balance; what cannot be learned now is asked again later."""
    with suppress(errors.ProviderError, vault.Unreadable):
        credentials.refresh_balance(credential)
