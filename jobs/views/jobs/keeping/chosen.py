"""The answer to what was done with videos: their cards as they are now, or the page again."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django_htmx.http import HttpResponseClientRefresh

from jobs import library
from jobs.forms import LibraryForm
from jobs.letters import counts
from jobs.models import Job
from jobs.views.access import Request
from jobs.views.callers import called_from, page_left
from jobs.views.jobs.cards.dealing import cards_for
from jobs.views.meant import as_seen

CARDS_MAX = 80
"""More than a page shows at first, and as many as are drawn while somebody waits."""


def answered(
    request: Request,
    videos: Collection[UUID],
    *,
    away: bool = False,
    recounts: bool = False,
    undoes: bool = False,
) -> HttpResponse:
    """The cards as they are now, or the page that was open.

    `away`: from one of a single video. `recounts`: projects have more or fewer videos by that.
    `undoes`: what the library found no longer it may find again.
    """
    if not request.htmx:
        if "next" in request.POST:
            return redirect(page_left(request).address)
        came_from = called_from(request)
        is_gone = away and urlsplit(came_from).path.startswith("/jobs/")
        return redirect(came_from if came_from and not is_gone else "studio")
    # Of more than that, those that are there come with the next poll, which is now.
    shown = videos if len(videos) <= CARDS_MAX else []
    open_page = urlsplit(called_from(request))
    query = _query_of(open_page)
    found = None if query is None else _found_by(request, query, videos, recounts=recounts)
    if found and (recounts or undoes) and len(videos) > CARDS_MAX:
        # No poll brings what the library finds again.
        return HttpResponseClientRefresh()
    gone = found["gone"] if found else ()
    jobs = Job.objects.visible_to(request.user).filter(pk__in=shown).exclude(pk__in=gone)
    cards = cards_for(jobs.for_cards(), request.user, get_token(request), joins=True)
    # A page of its own has no cards: a video's has a row, others what comes with their next poll.
    own = query is None and open_page.path not in ("", reverse("studio"))
    is_own = "page" in request.POST or own
    row = cards[0] if is_own and len(cards) == 1 else None
    context = {"cards": [] if is_own else cards, "row": row, "recounts": recounts, "found": found}
    return render(request, "jobs/_chosen.html", context)


def nothing_done(request: Request, why: str | Form) -> HttpResponse:
    """Say why, and leave all as it was; of a form, with what is wrong in it."""
    if isinstance(why, Form):
        why = " ".join(str(error) for errors in why.errors.values() for error in errors)
    messages.error(request, why)
    return answered(request, [])


def _query_of(page: SplitResult) -> str | None:
    """The filters by which an open page shows what the library finds; None where it does not."""
    with suppress(Resolver404):
        place = resolve(page.path or "/")
        if place.url_name == "library":
            return page.query
        if place.url_name == "project":
            return urlencode({"project": place.kwargs["project_id"]})
    return None


def _found_by(
    request: Request, query: str, videos: Collection[UUID], *, recounts: bool
) -> dict[str, Any] | None:
    """What the open page of the library finds by now, and which of these videos no longer; None
    where that is what it found before.
    """
    form = LibraryForm(QueryDict(query), user=request.user)
    if not form.is_valid() or not (recounts or form.is_narrowed):
        return None
    found = form.sought.of(request.user)
    ids = library.all_of(found)
    there = set(found.filter(pk__in=videos).values_list("pk", flat=True))
    gone = [video for video in videos if video not in there]
    in_project = urlsplit(called_from(request)).path != reverse("library")
    return {
        "form": form,
        "total": counts.number_of(ids),
        "seen": as_seen(ids),
        "gone": gone,
        "in_project": in_project,
    }
