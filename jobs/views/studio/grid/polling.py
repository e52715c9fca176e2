"""What an open page of the grid asks next: from which cursor on, and how soon."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from jobs.models import Job
from jobs.views.jobs import live as live_updates
from jobs.views.studio.grid.filters import NARROWS, StudioFilters

NAMES = ("tab", "scope", "q", "project", *NARROWS, "after")
"""What the next question is asked with again."""


def cursor_of(shown: StudioFilters) -> str:
    """That of the page that is being rendered."""
    rows = shown.ask("cursor", lambda shown: live_updates.newest(shown.near))
    return live_updates.cursor_of(rows, partial(shown.ask, "newest after", _changed_after))


def counts_of(shown: StudioFilters) -> dict[str, int | None]:
    """The numbers behind the tabs. One query."""
    return Job.objects.counts(shown.ask_of_jobs("counts", lambda jobs: jobs.tallies()))


def poll_of(
    shown: StudioFilters, cursor: str, counts: dict[str, int | None] | None = None
) -> dict[str, Any]:
    """The moment and the cursor of the next question, and the counts of now.

    Called before the cards are read: a job that ends between the two is then asked about soon, and
    not shown as it was for as long as an idle page rests. So are `counts`, where they are given.
    """
    kept = {name: shown.filters[name] for name in NAMES if shown.filters.get(name)}
    counts = counts or counts_of(shown)
    interval = live_updates.MOVING_SECONDS
    if not counts["progress"]:
        interval = live_updates.interval_of(_paces(shown))
    return {
        "counts": counts,
        "cursor": cursor,
        "interval": interval,
        "live_url": f"{reverse('live')}?{urlencode({**kept, 'since': cursor})}",
    }


def _paces(shown: StudioFilters) -> list[int]:
    """How soon to ask again where nothing is in progress; none where all rests."""
    if shown.is_among_few_shapes or live_updates.is_anything_open():
        return shown.ask_of_jobs("pace", live_updates.pace)
    # Nothing at all is open, and so nothing of these: that was asked sooner.
    return []


def _changed_after(shown: StudioFilters, moment: datetime) -> QuerySet[Job, live_updates.Row]:
    return live_updates.changed_after(shown.near, moment)
