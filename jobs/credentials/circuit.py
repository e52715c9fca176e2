"""The circuit of an account: open while its provider can't be reached, so that nothing is tried in
vain.

Only what is certain opens it: a connection that was never made. While it is open one probe at a
time is let through, after growing pauses; any answer closes it. It stands in the rows of all keys
of the account, and changes under the lock of that account alone.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now
from django.utils import timezone

from jobs.credentials import rates
from jobs.models import Credential
from jobs.models.team.credential import CredentialQuerySet
from jobs.providers import PROVIDERS
from jobs.times import clock, moments

logger = logging.getLogger(__name__)

PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX = 30.0, 600.0
_OPEN_FOR = ExpressionWrapper(Now() - F("unreachable_since"), output_field=DurationField())


def pause_after(seconds: float) -> float:
    """Seconds until the next try, of what could not be reached for so long."""
    return min(max(seconds, PAUSE_SECONDS_MIN), PAUSE_SECONDS_MAX)


def not_reached(credential: Credential) -> None:
    """Open it: the connection was certainly not made, so nothing was sent."""
    with transaction.atomic():
        rows = _locked(credential)
        is_news = not rows.out_of_reach().exists()
        rows.filter(unreachable_since=None).update(
            unreachable_since=Now(),
            probe_at=clock.after(PAUSE_SECONDS_MIN),
        )
    if is_news:
        label = PROVIDERS[credential.provider].label
        logger.warning(
            "%s can't be reached with the %s: its work waits until it answers", label, credential
        )


def reached(credential: Credential) -> None:
    """Close it: the provider answered with this key, whatever it said.

    No query where the row as it was read says that it is closed.
    """
    if credential.unreachable_since is None:
        return
    with transaction.atomic():
        rows = _locked(credential).out_of_reach()
        closed = rows.update(unreachable_since=None, probe_at=None)
    if closed:
        label = PROVIDERS[credential.provider].label
        logger.info("%s answers again with the %s: its work continues", label, credential)


def take_probe(credential: Credential) -> bool:
    """Take the one permission of this moment to try whether the provider answers again."""
    with transaction.atomic():
        rows = _locked(credential).out_of_reach()
        due = rows.filter(probe_at__lte=Now()).annotate(open_for=_OPEN_FOR)
        longest = due.order_by("-open_for").values_list("open_for", flat=True).first()
        if longest is None:
            return False
        rows.update(probe_at=clock.after(pause_after(longest.total_seconds())))
        return True


def try_now(provider: str) -> bool:
    """Have it tried at once, by somebody's wish; false where no circuit of its is open."""
    rows = Credential.objects.current().out_of_reach().filter(provider=provider)
    return rows.update(probe_at=Now()) > 0


def waits(credential: Credential) -> str:
    """The sentence about work that waits for it."""
    since = credential.unreachable_since or timezone.now()
    return f"{out_of_reach(credential.provider, since)} This will be sent as soon as it answers."


def out_of_reach(provider: str, since: datetime) -> str:
    """The sentence that it is."""
    return f"{PROVIDERS[provider].label} has been unreachable since {moments.of_day(since)}."


def _locked(credential: Credential) -> CredentialQuerySet:
    """All keys of its account, which nobody else changes until the transaction ends."""
    rates.lock(credential)
    return rates.account_of(credential)
