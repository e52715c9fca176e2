"""The library: all videos that somebody may see, to be found, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from jobs import library
from jobs.forms import LibraryForm, SavedViewForm
from jobs.letters import counts
from jobs.library import Page
from jobs.models import Job, SavedView
from jobs.pricing import PriceList
from jobs.views.access import Request
from jobs.views.answers.packed import packed
from jobs.views.jobs import live as live_updates
from jobs.views.jobs.cards.kept.dealing import DealtCard, deal
from jobs.views.jobs.cards.kept.facts import facts_among
from jobs.views.library import live
from jobs.views.meant import as_seen


@dataclass(frozen=True, slots=True)
class Cell:
    """A card in its place."""

    card: DealtCard
    at: datetime | None
    """The moment by whose day it stands here; None where the order has no days."""
    day: str
    """The day, where it is another one than that of the card before it."""
    place: str
    """Behind which another page can begin."""


@packed
@require_safe
def page(request: Request) -> HttpResponse:
    """A page of the library; what scrolling asks for is its cards alone."""
    form = LibraryForm(request.GET, user=request.user)
    is_valid = form.is_valid()
    # The cursor first: what changes while the cards are read comes with the next poll.
    cursor = live_updates.cursor_of_all(request.user)
    found = form.sought.of(request.user) if is_valid else Job.objects.none()
    place = {name: request.GET.get(name, "") for name in ("after", "before")}
    try:
        shown, is_lost = library.page_of(found, form.order, request.user, **place), False
    except ValueError:
        shown, is_lost, place = library.page_of(found, form.order, request.user), True, {}
    if request.htmx and is_lost:
        # Nothing comes after it for whoever scrolls: the page anew says so.
        return HttpResponseClientRedirect(f"{reverse('library')}?{form.query}")
    context: dict[str, Any] = {
        "form": form,
        "cells": list(_cells(request, shown)),
        "older": _address(form, after=shown.after),
        "newer": _address(form, before=shown.before),
        "is_earlier": bool(place.get("before")),
    }
    if request.htmx:
        return render(request, "library/_more.html", context)
    views = list(SavedView.objects.visible_to(request.user))
    # Where nothing stands before or behind the page, it is all that was found.
    is_all = not (shown.after or any(place.values()))
    # As many as can be acted on at once, and more than are here to be ticked.
    ids = list(shown.places) if is_all else library.all_of(found)
    total = counts.number_of(ids)
    context |= {
        "seen": as_seen(ids) if ids and len(ids) > len(shown.places) else "",
        "is_lost": is_lost,
        "total": total,
        "views": views,
        "is_saved": any(each.query == form.query for each in views),
        "view_form": SavedViewForm(owner=request.user, auto_id="view-%s"),
        "live_url": live.address(form, cursor),
        "interval": live_updates.interval_by(cell.card.job.status for cell in context["cells"]),
    }
    return render(request, "library/page.html", context, status=200 if is_valid else 422)


def _address(form: LibraryForm, **place: str) -> str:
    """The page that begins, or ends, at this place; '' where there is none."""
    if not any(place.values()):
        return ""
    return f"{reverse('library')}?{'&'.join(filter(None, (form.query, urlencode(place))))}"


def _cells(request: Request, shown: Page) -> Iterator[Cell]:
    dealt = _dealt(request, list(shown.places))
    before = ""
    for video in shown.places:
        if video not in dealt:
            # Deleted since it was found.
            continue
        at = shown.days.get(video)
        day = _day(at) if at else ""
        yield Cell(dealt[video], at, day if day != before else "", shown.places[video])
        before = day


def _dealt(request: Request, videos: Sequence[UUID]) -> dict[UUID, DealtCard]:
    rows, token = facts_among(videos), get_token(request)
    cards = deal(rows, request.user, token, PriceList(), are_first=not request.htmx)
    return {card.job.pk: card for card in cards}


def _day(moment: datetime) -> str:
    """The day in TIME_ZONE, as people call it; js/library.js has the reader's own."""
    day, today = timezone.localdate(moment), timezone.localdate()
    near: dict[date, str] = {today: "Today", today - timedelta(days=1): "Yesterday"}
    return near.get(day) or date_format(day, "l, j M Y")
