"""Up to four takes side by side, played in step."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBadRequest
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from jobs.decoding.answers import POSTER_SIDES
from jobs.letters import isolated
from jobs.models import Job, Rendition
from jobs.models.jobs.rendition import films_of
from jobs.views.access import Request
from jobs.views.answers.packed import packed
from jobs.views.callers import listing_left
from jobs.views.compare.wanted import LOOKED_AT, Wanted, wanted_by
from jobs.views.jobs import live as live_updates
from jobs.views.jobs.cards.card import Card
from jobs.views.jobs.cards.dealing import cards_for
from jobs.views.panes import Pane, layout_of, shape_of

TITLE_LENGTH = 80


@packed
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """The page; with `since`, the boxes of takes that changed, or 204.

    With POST, what is ticked elsewhere: it is led to the address of these.
    """
    if request.method == "POST":
        ticked = urlencode([("take", each) for each in request.POST.getlist("video")[:LOOKED_AT]])
        return redirect(f"{reverse('compare')}?{ticked}")
    wanted = wanted_by(request.user, request.GET)
    # What is made of a video shows in its box too.
    shown = Job.objects.visible_to(request.user)
    shown = shown.filter(Q(pk__in=wanted.ids) | Q(source__in=wanted.ids))
    changed_after, changes = partial(live_updates.changed_after, shown), None
    if "since" in request.GET:
        try:
            changes = live_updates.since(request.GET["since"], changed_after)
        except ValueError:
            return HttpResponseBadRequest("bad cursor")
        if not changes.is_new:
            return live_updates.nothing_new()
    # First the cursor and the cadence: what changes while the videos are read comes next time.
    if changes:
        cursor = changes.cursor
    else:
        cursor = live_updates.cursor_of(list(live_updates.newest(shown)), changed_after)
    takes = [("take", str(each)) for each in wanted.ids]
    context = {
        "interval": live_updates.interval(shown),
        "live_url": f"{reverse('compare')}?{urlencode([*takes, ('since', cursor)])}",
        "came_from": listing_left(request),
        **_context(request, wanted),
    }
    return render(request, "compare/_live.html" if changes else "compare/page.html", context)


def _context(request: Request, wanted: Wanted) -> dict[str, Any]:
    cards = cards_for(wanted.jobs(), request.user, get_token(request))
    panes = [_pane(card, number, wanted) for number, card in enumerate(cards, 1)]
    prompts = {card.job.prompt for card in cards}
    return {
        "panes": panes,
        "layout": layout_of(panes),
        "notes": wanted.notes,
        "prompt": prompts.pop() if len(prompts) == 1 else "",
        "are_playable": any(pane.is_playable for pane in panes),
    }


def _pane(card: Card, number: int, wanted: Wanted) -> Pane:
    job, file = card.job, card.rendition
    name = f"Take {job.take}" if wanted.is_group else f"Video {number}"
    return Pane(
        key=str(job.pk),
        name=name,
        title=f"{name}: {isolated(job.label[:TITLE_LENGTH])}",
        shape=shape_of(file, job.aspect_ratio),
        files=[(reverse("video", args=[each.pk]), each) for each in _films(card)],
        poster=f"{card.poster_url}?side={POSTER_SIDES[-1]}" if file and file.poster else "",
        of=card,
    )


def _films(card: Card) -> list[Rendition]:
    """Its film at all sizes; where only the new part of a longer film is kept, that part."""
    films = films_of(card.job)
    if not films and card.rendition and card.is_playable:
        return [card.rendition]
    return films
