"""The answer to what was done with videos: their cards as they are now, or the page again."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse

from jobs.models import Job
from jobs.views.access import Request
from jobs.views.callers import called_from
from jobs.views.jobs.cards import cards_for

CARDS_MAX = 80
"""More than a page shows at first, and as many as are drawn while somebody waits."""


def answered(
    request: Request, videos: Collection[UUID], *, away: bool = False, recounts: bool = False
) -> HttpResponse:
    """The cards as they are now, or the page that was open.

    `away`: from one of a single video. `recounts`: projects have more or fewer videos by that.
    """
    if not request.htmx:
        came_from = called_from(request)
        is_gone = away and urlsplit(came_from).path.startswith("/jobs/")
        return redirect(came_from if came_from and not is_gone else "studio")
    # Of more than that, those that are there come with the next poll, which is now.
    shown = videos if len(videos) <= CARDS_MAX else []
    jobs = Job.objects.visible_to(request.user).filter(pk__in=shown).for_cards()
    cards = cards_for(jobs, request.user, get_token(request))
    # A page of its own has no cards: a video's has a row, others what comes with their next poll.
    open_page = urlsplit(called_from(request)).path
    is_own = "page" in request.POST or open_page not in ("", *map(reverse, ("studio", "library")))
    row = cards[0] if is_own and len(cards) == 1 else None
    context = {"cards": [] if is_own else cards, "row": row, "recounts": recounts}
    return render(request, "jobs/_chosen.html", context)
