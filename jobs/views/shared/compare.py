"""Takes of a link side by side, for whoever has the link."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from jobs import shares
from jobs.decoding.answers import POSTER_SIDES
from jobs.forms import ReviewForm, digits
from jobs.letters import isolated
from jobs.models import ReviewNote, ShareLink, Team
from jobs.views.answers.packed import packed
from jobs.views.callers import caller
from jobs.views.panes import MOST, Pane, layout_of, shape_of
from jobs.views.shared import visitors
from jobs.views.shared.link import TakeView, count_visit, may_pass, public, shown_on


@packed
@require_safe
@public
def compare(request: HttpRequest, link: ShareLink, token: str) -> HttpResponse:
    """Up to four takes, by `take`, the place of each; without one the first ones."""
    if not may_pass(request, link):
        return redirect("shared", token)
    found = shown_on(link, token)
    if len(found) == 1:
        return redirect("shared", token)
    asked = list(dict.fromkeys(request.GET.getlist("take")))
    shown = _chosen(found, asked)
    panes = [_pane(each) for each in shown]
    notes = []
    if {digits(each) for each in asked} - {each.take.place for each in found}:
        notes.append("A video that you asked for is not on this link.")
    if len(asked) > MOST:
        notes.append(f"Up to {MOST} videos fit side by side. These are the first {MOST}.")
    blocked = shares.is_blocked(link, visitors.id_of(request), caller(request))
    context = {
        "link": link,
        "token": token,
        "takes": found,
        "panes": panes,
        "layout": layout_of(panes),
        "notes": notes,
        "chosen": [each.take.place for each in shown],
        "has_more": len(found) > MOST,
        "may_pick": link.takes_notes and not blocked,
        "name": ReviewForm(initial={"name": visitors.name_of(request)}, seconds=None)["name"],
        "picks": _picks(link),
        "team": Team.current(),
    }
    response = render(request, "shared/compare.html", context)
    count_visit(request, response, link, token)
    return response


def _chosen(found: Sequence[TakeView], asked: Sequence[str]) -> list[TakeView]:
    """The takes asked for, as far as they are there; never fewer than two."""
    by_place = {each.take.place: each for each in found}
    places = filter(None, map(digits, asked))
    shown = [by_place[place] for place in places if place in by_place][:MOST]
    rest = [each for each in found if each not in shown]
    wanted = 2 if shown else MOST
    return [*shown, *rest[: max(wanted - len(shown), 0)]]


def _pane(each: TakeView) -> Pane:
    take, name = each.take, f"Video {each.take.place}"
    files = [(each.video, take.shown)]
    if take.small:
        files.insert(0, (each.small_video, take.small))
    return Pane(
        key=str(take.place),
        name=name,
        title=f"{name}: {isolated(each.link.title)}" if each.link.title else name,
        shape=shape_of(take.file, each.job.aspect_ratio),
        files=files if take.is_ready else [],
        poster=f"{each.poster}?side={POSTER_SIDES[-1]}" if each.has_poster else "",
        of=each,
    )


def _picks(link: ShareLink) -> list[tuple[int, str]]:
    """The place that each visitor picked last, and their name."""
    return [
        (each.place, each.note.name)
        for each in shares.opinions(link)
        if each.note.kind == ReviewNote.Kind.PICK and each.place
    ]
