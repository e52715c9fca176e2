"""The poll of an open library: what changed of its cards, and which of them its filters find no
longer.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBadRequest
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from jobs import library
from jobs.forms import LibraryForm
from jobs.models import Job, User, visible
from jobs.pricing import PriceList
from jobs.views.access import Request
from jobs.views.answers.packed import packed_quickly
from jobs.views.jobs import live as live_updates
from jobs.views.jobs.cards.kept.dealing import deal
from jobs.views.jobs.cards.kept.facts import facts_of


def address(form: LibraryForm, cursor: str) -> str:
    """Where a page with these filters asks next."""
    asked = "&".join(filter(None, (form.query, urlencode({"since": cursor}))))
    return f"{reverse('library-live')}?{asked}"


@packed_quickly
@require_safe
def live(request: Request) -> HttpResponse:
    """Send the cards that changed since the cursor, or 204. No new one joins by itself."""
    try:
        cursor = request.GET.get("since", "")
        changes = live_updates.since(cursor, partial(_changed_after, request.user))
    except ValueError:
        return HttpResponseBadRequest("bad cursor")
    if not changes.is_new:
        return live_updates.nothing_new()
    form = LibraryForm(request.GET, user=request.user)
    if not form.is_valid():
        return live_updates.nothing_new()
    known = set(request.GET.get("cards", "").split(","))
    # A larger copy stands on the card of the video that it was made of.
    here = live_updates.shown_of({*changes.ids, *changes.sources}, known)
    found = form.sought.of(request.user)
    rows = facts_of(found.filter(pk__in=here)) if here else ()
    cards = deal(rows, request.user, get_token(request), PriceList())
    gone = here - {card.job.pk for card in cards}
    context: dict[str, Any] = {
        "cards": cards,
        "gone": gone,
        "total": library.count(found) if gone else None,
        "form": form,
        "announcements": live_updates.announcements(cards, changes),
        "live_url": address(form, changes.cursor),
        "interval": live_updates.interval_of(visible.rows(request.user, "pace of all", _pace)),
    }
    return render(request, "library/_live.html", context)


def _changed_after(viewer: User, moment: datetime) -> list[live_updates.Row]:
    return visible.rows(viewer, "changes of all", _changes, moment)


def _changes(viewer: User, moment: datetime) -> QuerySet[Job, live_updates.Row]:
    return live_updates.changed_within(Job.objects.known_by(viewer), moment)


def _pace(viewer: User) -> QuerySet[Job, int]:
    return live_updates.pace(Job.objects.known_to(viewer))
