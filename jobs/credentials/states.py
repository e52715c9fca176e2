"""What is known of keys: what their provider says of them and their accounts, and what waits for
one that works.
"""

from __future__ import annotations

import logging
from decimal import Decimal

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from jobs import directory, pricing, queue
from jobs.credentials import specimen
from jobs.credentials.accounts import label
from jobs.models import BalanceReading, Credential, Job
from jobs.models.jobs.status import Status
from jobs.models.team.credential import CredentialQuerySet
from jobs.providers import PROVIDERS, errors
from jobs.secrets import vault
from jobs.times import clock

logger = logging.getLogger(__name__)

DAMAGED = "The stored key can’t be read. Enter it again."
NOT_HERE = "One of our servers can’t open the stored keys. Please tell an admin."
"""Instead, where the machine is to blame."""


def refresh_balance(credential: Credential, *, by_hand: bool = False) -> None:
    """Ask the provider for the account's balance, and note what that tells about the key.

    A practice key is not shown to the real provider, nor a real one to the practice. Where no
    balance is told, a rejected key is given another chance, and an empty one if somebody says so.
    Raises `ProviderError` other than `KeyRejected` where nothing could be learned.
    """
    if credential.practice != settings.PRACTICE:
        return
    key = vault.unseal(credential.sealed_key, credential.seal_context)
    rows = _unchanged(credential)
    try:
        balance = directory.client(credential.provider).balance(key)
    except errors.KeyRejected as error:
        set_state(credential, Credential.State.REJECTED, error)
        return
    if balance is None:
        chance = rows if by_hand else rows.exclude(state=Credential.State.EMPTY)
        chance.update(state=Credential.State.READY, note="", checked_at=Now())
    else:
        if rows.update(balance=balance, checked_at=Now()):
            note_balance(credential, balance)
        # An empty account stays so until its balance covers whatever may be wanted of it; what
        # costs less is sent before that (see `rates.may_spend`).
        dearest = pricing.PriceList().dearest(credential.provider) or 0
        enough = Q(state=Credential.State.REJECTED) | Q(balance__gte=dearest)
        rows.filter(enough).update(state=Credential.State.READY, note="")
    if credential.state != Credential.State.READY:
        wake(credential)


def set_state(
    credential: Credential, state: Credential.State, error: errors.ProviderError | None
) -> None:
    """Note on a key what the provider said of it; jobs that are not sent yet wait from now on."""
    note = said(error) if error else DAMAGED
    # What was known of an empty account's balance has just been disproved.
    known = {"balance": None} if state == Credential.State.EMPTY else {}
    _unchanged(credential).update(state=state, note=note[:300], checked_at=Now(), **known)
    if credential.state != state:
        logger.warning("key %s is %s: %s", credential.pk, state.label.lower(), note)


def why_unreadable() -> str:
    """Why a key that was to be opened just now could not be, for people."""
    return DAMAGED if specimen.fits() else NOT_HERE


def found_unreadable(credential: Credential) -> bool:
    """Note on a key that it cannot be opened; false where this machine is to blame, not the key."""
    if not specimen.fits():
        return False
    set_state(credential, Credential.State.REJECTED, None)
    return True


def found_working(credential: Credential) -> None:
    """Take a key for working that was out of credits, since an order with it was accepted.

    Where the balance can be asked, that tells: one order says nothing of the next.
    """
    if PROVIDERS[credential.provider].tells_balance:
        return
    if _unchanged(credential).update(state=Credential.State.READY, note=""):
        wake(credential)


def wake(credential: Credential) -> None:
    """Send on the queued jobs that waited for this key: somebody just saw it work.

    Of an account that is still nearly empty, those it can pay.
    """
    waiting = Job.objects.filter(
        status=Status.QUEUED,
        error_code=Job.PAUSED,
        provider=credential.provider,
        practice=credential.practice,
    )
    if credential.owner_id:
        waiting = waiting.filter(owner=credential.owner_id)
        # Made with the team's key, and stopped when that one was refused. What builds on a video
        # stays with the account in which that video lies.
        refused = Q(credential__state=Credential.State.REJECTED, source=None)
        waiting.filter(refused).update(credential=credential)
    now = Credential.objects.get(pk=credential.pk)
    if now.state == Credential.State.REJECTED:
        return
    if now.state == Credential.State.EMPTY:
        waiting = waiting.filter(quote__lte=now.balance or 0)
    # In their order, and no longer saying that they wait for a key.
    ids = list(waiting.order_by("created_at", "pk").values_list("pk", flat=True))
    Job.objects.filter(pk__in=ids, status=Status.QUEUED).update(
        try_at=Now(),
        wake_at=clock.after(queue.FIRST_WAKE_UP_SECONDS),
        error="",
        error_code="",
        version=F("version") + 1,
        changed_at=Now(),
    )
    # The others come in their turn.
    for job_id in ids[: PROVIDERS[credential.provider].creations_per_10s]:
        queue.start(job_id)


def _unchanged(credential: Credential) -> CredentialQuerySet:
    """The row, as long as it holds the key that was asked with: a refusal of the old one tells
    nothing of the one that replaced it.
    """
    return Credential.objects.filter(pk=credential.pk, sealed_key=credential.sealed_key)


def said(error: errors.ProviderError) -> str:
    """What a provider said of a key, for the page on which keys are replaced."""
    return error.user_message.replace(errors.REPLACE_KEY, "")


def note_balance(credential: Credential, balance: Decimal) -> None:
    """Keep what an account held as evidence: a row where the figure changed, else how long it
    stayed.
    """
    account = label(credential)
    readings = BalanceReading.objects.filter(
        provider=credential.provider, account=account, practice=credential.practice
    )
    last = readings.first()
    if last and last.balance == balance:
        BalanceReading.objects.filter(pk=last.pk).update(seen_at=timezone.now())
        return
    BalanceReading.objects.create(
        credential=credential,
        provider=credential.provider,
        account=account,
        practice=credential.practice,
        balance=balance,
    )
