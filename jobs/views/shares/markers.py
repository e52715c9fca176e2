"""What was said of all takes of a link, as markers for the edit."""

from __future__ import annotations

from collections import defaultdict

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from jobs import shares
from jobs.models import ReviewNote, ShareLink
from jobs.views.access import Request
from jobs.views.jobs.markers import NOTHING, clip, written


@require_safe
def markers(request: Request, link_id: int, kind: str) -> HttpResponseBase:
    """A timeline of its takes in their order, each with what was said of it on this link."""
    link = get_object_or_404(ShareLink.objects.visible_to(request.user), pk=link_id)
    said = defaultdict[int, list[ReviewNote]](list)
    for note in link.notes.spoken():
        said[note.take_id].append(note)
    takes = shares.takes_of(link)
    if not any(said[take.shared.pk] for take in takes):
        messages.info(request, NOTHING)
        return redirect("share", link.pk)
    clips = [
        clip(take.shown, f"{take.place}: {take.job.label}", said[take.shared.pk]) for take in takes
    ]
    return written(request, kind, f"{link.label}-{link.pk}", clips)
