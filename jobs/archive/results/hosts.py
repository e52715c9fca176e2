"""Knows which hosts of results the operator has yet to allow, and has admins told once of each."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from jobs import queue
from jobs.archive.announcing import hold, show
from jobs.archive.fetching import outbound
from jobs.models import Rendition, UnlistedHost
from jobs.times import clock

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 300
"""Until the files of a listed host are woken again: a worker may not have the new list yet."""
TELL_AGAIN = timedelta(hours=1)


def note(entry: str) -> None:
    """Have the admins told, the first time that a result lies there. Call in a transaction."""
    host, is_new = UnlistedHost.objects.get_or_create(entry=entry)
    if is_new:
        logger.error("results wait at %s: allow it with %s", entry, setting_with([entry]))
        if settings.HAS_MAIL:
            queue.tell_of_host(host.pk)


def tell_again() -> None:
    """Send what could not be sent when it was noted, while somebody still waits for it."""
    if settings.HAS_MAIL:
        old = clock.after(-TELL_AGAIN.total_seconds())
        unsent = UnlistedHost.objects.waited_for().filter(mailed_at=None, created_at__lt=old)
        for number in unsent.values_list("pk", flat=True):
            queue.tell_of_host(number)


def wake_listed() -> None:
    """Have files fetched at once that waited for a host which ARCHIVE_HOSTS has by now."""
    waiting = Rendition.objects.without_host().order_by()
    for entry in list(waiting.values_list("missing_host", flat=True).distinct()):
        if outbound.covers(settings.ARCHIVE_HOSTS, entry):
            _wake(entry)


def _wake(entry: str) -> None:
    ready = Q(found_at=None) | Q(found_at__lt=clock.after(-AGAIN_SECONDS))
    with transaction.atomic():
        if not UnlistedHost.objects.filter(ready, entry=entry).update(found_at=Now()):
            return
        files = list(Rendition.objects.filter(missing_host=entry).select_related("job"))
        hold(*files)
        for file in files:
            mine = Rendition.objects.filter(pk=file.pk, missing_host=entry)
            if mine.update(missing_host="", problem="", try_at=Now(), not_before=None):
                show(file)


def setting_with(entries: list[str]) -> str:
    """The whole line that allows these beside what is allowed today."""
    return f"ARCHIVE_HOSTS={','.join([*settings.ARCHIVE_HOSTS, *entries])}"
