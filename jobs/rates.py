"""How often a key may be used: creations by our own rows, questions by a spoken-for moment.

Both are decided by one conditional UPDATE of the key's row, so they hold across all workers.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce, Greatest, Now

from jobs import clock
from jobs.models import Credential, Job

CREATION_WINDOW = timedelta(seconds=10)


def lock(credential_id: int) -> bool:
    """Queue on a working key's row until this transaction ends; False where it does not work."""
    return bool(
        Credential.objects.filter(pk=credential_id)
        .exclude(state=Credential.State.REJECTED)
        .update(claimed_at=Now())
    )


def slot_free_at(credential_id: int, limit: int) -> datetime | None:
    """When the key may create again; None for now. Call while holding `lock`."""
    recent = Job.objects.filter(
        credential_id=credential_id, sent_at__gt=clock.after(-CREATION_WINDOW.total_seconds())
    ).order_by("-sent_at")
    last_allowed = recent.values_list("sent_at", flat=True)[limit - 1 : limit]
    sent = next(iter(last_allowed), None)
    return sent + CREATION_WINDOW if sent else None


def take_questions(credential_id: int, wanted: int, per_second: int) -> int:
    """Reserve up to `wanted` questions for this key now; the number granted.

    A virtual queue: each question speaks for 2/per_second seconds and at most one second is
    spoken for ahead, so no second sees more than per_second questions.
    """
    granted = wanted
    while granted:
        span = granted * 2 / per_second
        start = Greatest(Coalesce("asks_until", Now()), Now())
        free = Q(asks_until=None) | Q(asks_until__lte=clock.after(max(1 - span, 0)))
        if Credential.objects.filter(free, pk=credential_id).update(
            asks_until=clock.later(start, span)
        ):
            return granted
        granted //= 2
    return 0
