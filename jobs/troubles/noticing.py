"""Compares what is wrong with what was known to be, and has admins told of the difference."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from jobs import mail, news
from jobs.models import Heartbeat, Trouble
from jobs.times import clock
from jobs.troubles.looking import HOST, OF_ALL, OF_WORKERS, Found

logger = logging.getLogger(__name__)

Kind = Trouble.Kind
GOOD_NEWS = (Kind.KEY, Kind.PROVIDER, Kind.SILENT, Kind.DISK, Kind.LEDGER)
"""Kinds of which admins want to read that they are over; the others they end themselves."""
FORGOTTEN_SECONDS = 86_400
"""Nobody has looked for it for so long: its machine is gone."""
KEPT = timedelta(days=90)


def notice_all() -> None:
    """Look for everything. Called by the follower, which also mails while no worker works."""
    now = _looked(OF_ALL)
    # Of itself it sees that it lives, and never whether another follower is silent.
    _compare(now, OF_ALL)
    _forget()
    if any(each.subject == Heartbeat.Part.WORKER for each in now):
        mail.gather()
        mail.send_waiting()


def notice_follower() -> None:
    """Look for what workers look for, and do what a follower would, so that the e-mail leaves."""
    now = _looked(OF_WORKERS)
    _compare(now, OF_WORKERS)
    if any(each.kind == Kind.SILENT for each in now):
        mail.gather()
        mail.wake()


def note(found: Found) -> None:
    """It is so: told if that is news, else seen once more."""
    rows = Trouble.objects.on().filter(kind=found.kind, subject=found.subject)
    if rows.update(noticed_at=Now(), text=found.text[:300]):
        return
    try:
        with transaction.atomic():
            trouble = Trouble.objects.create(
                kind=found.kind, subject=found.subject, text=found.text[:300]
            )
            news.troubled(trouble)
    except IntegrityError:
        # Somebody else noticed it at the same moment.
        return
    logger.error("%s", found.text)


def tidy() -> None:
    """Forget what was over months ago. Nightly."""
    Trouble.objects.filter(over_at__lt=timezone.now() - KEPT).delete()


def _looked(looks: Mapping[Kind, tuple[Callable[[], Iterator[Found]], ...]]) -> list[Found]:
    return [found for each in looks.values() for look in each for found in look()]


def _compare(now: Iterable[Found], looked_for: Mapping[Kind, object]) -> None:
    known = {(found.kind, found.subject): found for found in now}
    for found in known.values():
        note(found)
    for trouble in Trouble.objects.on().filter(kind__in=looked_for):
        key = (Kind(trouble.kind), trouble.subject)
        if key not in known and _is_ours_to_end(trouble, looked_for):
            _end(trouble)


def _is_ours_to_end(trouble: Trouble, looked_for: Mapping[Kind, object]) -> bool:
    """Disks are those of this machine, and of silent workers only the follower knows."""
    if trouble.kind == Kind.DISK:
        return trouble.subject.endswith(f" {HOST}")
    return looked_for is OF_ALL or trouble.subject == Heartbeat.Part.FOLLOWER


def _forget() -> None:
    """What nobody notices any more is over: callbacks that were refused, a machine that is gone."""
    hour_ago, day_ago = clock.after(-3600), clock.after(-FORGOTTEN_SECONDS)
    on = Trouble.objects.on()
    for trouble in (
        *on.filter(kind=Kind.CALLBACKS, noticed_at__lt=hour_ago),
        *on.filter(kind=Kind.DISK, noticed_at__lt=day_ago),
    ):
        _end(trouble, is_news=False)


def _end(trouble: Trouble, *, is_news: bool = True) -> None:
    with transaction.atomic():
        if Trouble.objects.on().filter(pk=trouble.pk).update(over_at=Now()):
            news.untroubled(trouble, is_news=is_news and trouble.kind in GOOD_NEWS)
