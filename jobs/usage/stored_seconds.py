"""The seconds of film that we keep of the jobs on a usage page."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Q, Sum

from jobs.models import Rendition
from jobs.providers.base import UPGRADES, Part
from jobs.usage.filters import UsageFilter


def kept_seconds(wanted: UsageFilter) -> Decimal:
    """Of the films that are kept of these jobs; a larger copy adds none."""
    # Also those that somebody has deleted since: what was paid for them stands beside it.
    states = [Rendition.State.STORED, Rendition.State.PURGED]
    kept = Q(renditions__state__in=states, renditions__part=Part.FILM)
    # Asked of the jobs, whose days are few of all: asked of the files, all that are kept are read.
    takes = wanted.jobs().exclude(kind__in=UPGRADES)
    return takes.aggregate(total=Sum("renditions__seconds", filter=kept))["total"] or Decimal(0)
