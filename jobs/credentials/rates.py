"""Hold a key to its rates: creations by our own rows, questions by a spoken-for moment.

Both are decided by one conditional UPDATE of the key's row, so they hold across all workers.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Count, F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Now

from jobs.models import Credential, Job, prepared
from jobs.models.jobs.job_set import ACCOUNT, JobQuerySet
from jobs.models.prepared import Row
from jobs.models.team.credential import CredentialQuerySet
from jobs.providers import PROVIDERS
from jobs.times import clock

TRY_EMPTY_SECONDS = 600
OF_A_FAILING_KEY = 4
"""Jobs of a key that does not work that are looked at together: each can only say so."""
CREATION_WINDOW = timedelta(seconds=11)
"""kie's ten seconds (docs/contracts.md, kie 0), and one for requests of different speeds."""


def lock(credential: Credential) -> None:
    """Queue on the row of the key's account until this transaction ends."""
    # One row for all keys of an account, always the same one: no two can wait for each other.
    first = prepared.rows("first of an account", _first, lead_of(credential))
    for pk in first:
        prepared.update("locked", _key, {"claimed_at": Now()}, pk)


def _first(lead: int) -> QuerySet[Credential, int]:
    return _led_by(lead).order_by("pk").values_list("pk", flat=True)[:1]


def may_spend(credential: Credential, quote: int) -> bool:
    """The key works, for an order of this price. Call while holding `lock`.

    Of an empty account, what it is known to hold may be spent, once; where that cannot be asked,
    one order in ten minutes may try.
    """
    if prepared.rows("ready", _ready, credential.pk):
        return True
    rows = _key(credential.pk)
    empty = rows.filter(state=Credential.State.EMPTY)
    if PROVIDERS[credential.provider].tells_balance:
        return bool(empty.filter(balance__gte=quote).update(balance=F("balance") - quote))
    long_ago = clock.after(-TRY_EMPTY_SECONDS)
    return bool(empty.filter(checked_at__lte=long_ago).update(checked_at=Now()))


def _key(pk: int) -> QuerySet[Credential]:
    return Credential.objects.filter(pk=pk)


def _ready(pk: int) -> QuerySet[Credential, Row]:
    return _key(pk).filter(state=Credential.State.READY).values_list("pk")


def account_of(credential: Credential) -> CredentialQuerySet:
    """All keys of the same provider account, as far as an admin has said so."""
    return _led_by(lead_of(credential))


def lead_of(credential: Credential) -> int:
    """The number of the key that the others of its account are joined to."""
    return credential.joined_to_id or credential.pk


def _led_by(lead: int) -> CredentialQuerySet:
    return Credential.objects.filter(Q(pk=lead) | Q(joined_to=lead))


def slot_free_at(credential: Credential, limit: int) -> datetime | None:
    """The moment the key's account may create again; None for now. Call while holding `lock`."""

    def last_allowed(lead: int) -> QuerySet[Job, datetime | None]:
        recent = Job.objects.filter(
            credential__in=_led_by(lead),
            sent_at__gt=clock.after(-CREATION_WINDOW.total_seconds()),
        ).order_by("-sent_at")
        return recent.values_list("sent_at", flat=True)[limit - 1 : limit]

    found = prepared.rows(("slot", limit, CREATION_WINDOW), last_allowed, lead_of(credential))
    return found[0] + CREATION_WINDOW if found and found[0] else None


def free_slots(waiting: JobQuerySet[Job]) -> dict[int, int]:
    """How many orders each account may send about now, for which these jobs wait; by `account`.

    None of an account whose provider can't be reached, or that has no slot. A few where the key
    does not work, or is gone: so that each job says so.
    """
    keys = Credential.objects.filter(pk__in=waiting.order_by().values("credential"))
    accounts: dict[int, list[Credential]] = defaultdict(list)
    for key in keys.filter(unreachable_since=None):
        accounts[lead_of(key)].append(key)
    theirs = Credential.objects.filter(Q(pk__in=accounts) | Q(joined_to__in=accounts))
    recent = Job.objects.order_by().filter(
        credential__in=theirs.values("pk"),
        sent_at__gt=clock.after(-CREATION_WINDOW.total_seconds()),
    )
    sent = dict(recent.annotate(account=ACCOUNT).values_list("account").annotate(Count("pk")))
    free = {
        account: PROVIDERS[some[0].provider].creations_per_10s - sent.get(account, 0)
        for account, some in accounts.items()
    }
    for account, some in accounts.items():
        if all(key.state != Credential.State.READY for key in some):
            free[account] = min(free[account], OF_A_FAILING_KEY)
    return {0: OF_A_FAILING_KEY} | {each: slots for each, slots in free.items() if slots > 0}


def claim_questions(credential_id: int, wanted: int, per_second: int) -> int:
    """Reserve up to `wanted` questions for this key now; the number granted.

    A virtual queue: each question speaks for 2/per_second seconds and at most one second is
    spoken for ahead, so no second sees more than per_second questions.
    """
    granted = wanted
    while granted:
        # One of few numbers, for each of which the change is put together once.
        shape = ("questions", granted, per_second)
        start = Greatest(Coalesce("asks_until", Now()), Now())
        until = clock.later(start, granted * 2 / per_second)
        free = partial(_free, clock.after(ahead(per_second, granted)))
        if prepared.update(shape, free, {"asks_until": until}, credential_id):
            return granted
        granted //= 2
    return 0


def _free(until: Combinable, credential_id: int) -> QuerySet[Credential]:
    """The key, where it is spoken for no further than that."""
    free = Q(asks_until=None) | Q(asks_until__lte=until)
    return Credential.objects.filter(free, pk=credential_id)


def ahead(per_second: int, questions: int = 1) -> float:
    """Seconds from now for which a key may be spoken for already, to take so many more."""
    return max(1 - questions * 2 / per_second, 0)
