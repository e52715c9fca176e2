"""The poll of an open studio: what changed of the jobs that it shows, or nothing."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import HttpResponse, HttpResponseBadRequest
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs.models import Job
from jobs.models.prepared import Row
from jobs.providers.base import UPGRADES
from jobs.views.access import Request
from jobs.views.jobs import live as live_updates
from jobs.views.jobs.cards import cards_for
from jobs.views.studio.filters import StudioFilters
from jobs.views.studio.groups import arrivals


@require_safe
def live(request: Request) -> HttpResponse:
    """Send the cards that changed since the cursor, or 204."""
    shown = StudioFilters(request.user, request.GET)
    try:
        cursor = request.GET.get("since", "")
        changes = live_updates.since(shown.near, cursor, partial(_changed_after, shown))
    except ValueError:
        return HttpResponseBadRequest("bad cursor")
    if not changes.is_new:
        return live_updates.nothing_new()
    # A card that is here is kept true, even if its tab would no longer show it.
    known = set(request.GET.get("cards", "").split(","))
    derived = live_updates.derived_among(shown.near, changes.ids)
    changed = {*changes.ids, *(job.source_id for job in derived if job.source_id)}
    here = live_updates.shown_of(changed, known)
    new = (shown.first_page & set(changes.ids)) - here
    beside = live_updates.shown_of(shown.beside(new), known)
    wanted = here | new | beside
    poll = shown.poll(changes.cursor)
    rows, thrown = _split(shown, wanted, known)
    cards = cards_for(rows, request.user, get_token(request))
    come = arrivals(cards, here | beside, thrown)
    copies = (job for job in derived if job.kind in UPGRADES and not job.trashed_at)
    upgrades = [job for job in copies if job.pk not in wanted]
    announcements = live_updates.announcements(cards, changes)
    announcements += [f"{job.get_kind_display()}: {job.get_status_display()}" for job in upgrades]
    context = {
        "cards": come.changed,
        "new_cards": [card for card in cards if card.job.pk in new],
        "new": come.new,
        "grown": come.grown,
        "gone": come.gone,
        "announcements": announcements,
        **poll,
        **shown.context,
    }
    return render(request, "studio/_live.html", context)


def _changed_after(shown: StudioFilters, moment: datetime) -> list[Row]:
    """The latest changes since then, among them everything that was moved: it may have been here.

    One query, but for a search.
    """
    if shown.words:
        moved = live_updates.changed_after(Job.objects.filter(moved_at__gt=moment), moment)
        rows = {*live_updates.changed_after(shown.near, moment), *moved}
        return sorted(rows, key=lambda row: row[2], reverse=True)
    return shown.ask(
        "changes",
        lambda shown, after: live_updates.changed_within(shown.belongs, after),
        moment,
    )


def _split(
    shown: StudioFilters, wanted: set[UUID], known: Container[str]
) -> tuple[list[Job], list[Job]]:
    """The rows of these jobs for their cards, and those that somebody threw away, or moved to where
    this page does not look.

    Takes that are `known` on a page, and were ordered with what was thrown away, come along: their
    frame is another one then.
    """
    rows = list(shown.near.filter(pk__in=wanted).for_cards())
    thrown = [job for job in rows if job.trashed_at]
    thrown += _moved_out(shown, wanted - {job.pk for job in rows})
    groups = {job.take_group for job in thrown if job.take_group}
    if groups:
        beside = shown.near.filter(take_group__in=groups).values_list("pk", flat=True)
        also = wanted | live_updates.shown_of(beside, known)
        rows = list(shown.near.filter(pk__in=also).for_cards())
    return [job for job in rows if not job.trashed_at], thrown


def _moved_out(shown: StudioFilters, missing: set[UUID]) -> list[Job]:
    """Those of these that stand on the page and are outside of it; what has other words by now is
    not.
    """
    if not missing:
        return []
    inside = shown.within.filter(pk__in=missing).order_by().values_list("pk", flat=True)
    return list(Job.objects.filter(pk__in=missing - set(inside)))
