"""A sealed text that tells whether this machine has the CREDENTIAL_KEYS of the database.

A key that cannot be opened is damaged, or was sealed with what this machine has not got. The first
is a fault of the key, to be entered again; the second is one of the machine, and says nothing of
keys.
"""

from __future__ import annotations

import logging

from django.db import transaction

from jobs.machine.outages import Outage
from jobs.models import Belongings
from jobs.secrets import vault

TEXT = CONTEXT = "specimen"
UNFIT = (
    "The CREDENTIAL_KEYS of this machine are not those that the keys in the database are sealed "
    "with. Give it the ones that the other machines have, or that were backed up; if they are lost "
    "for good, run: manage.py prepare --adopt-keys"
)
_misfit = Outage(
    logging.getLogger(__name__),
    UNFIT,
    "The CREDENTIAL_KEYS of this machine are the right ones again.",
    level=logging.CRITICAL,
)


class Unfit(Exception):
    """Another machine sealed the keys; `user_message` tells who runs this one what to do."""

    user_message = UNFIT


@transaction.atomic
def make(*, adopt: bool) -> None:
    """Seal the specimen where there is none. Raises `Unfit` where there is one of other keys.

    Unless somebody says (`adopt`) that those are lost: then every key has to be entered again.
    """
    sealed = Belongings.locked().sealed_specimen
    if not sealed or (adopt and not _opens(sealed)):
        Belongings.objects.update(sealed_specimen=vault.seal(TEXT, CONTEXT))
    elif not _opens(sealed):
        raise Unfit


def require() -> None:
    """Raise `Unfit` where this machine could open no key; and seal with its newest key from now on.

    So that one that has not got the newest yet knows that it lacks something.
    """
    sealed = Belongings.current().sealed_specimen
    if not sealed:
        return
    if not _opens(sealed):
        raise Unfit
    if not vault.is_newest(sealed):
        reseal()


def reseal() -> None:
    """Seal it anew with the newest key, if this machine can open it."""
    sealed = Belongings.current().sealed_specimen
    if sealed and _opens(sealed):
        rows = Belongings.objects.filter(sealed_specimen=sealed)
        rows.update(sealed_specimen=vault.reseal(sealed))


def fits() -> bool:
    """This machine has the right keys, as far as anybody can tell; if not, that is logged once."""
    sealed = Belongings.current().sealed_specimen
    if not sealed or _opens(sealed):
        _misfit.over()
        return True
    _misfit.noticed()
    return False


def _opens(sealed: str) -> bool:
    try:
        return vault.unseal(sealed, CONTEXT) == TEXT
    except vault.Unreadable:
        return False
