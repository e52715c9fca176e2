"""Take back what was just done to videos, from the message that told of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, get_args
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from jobs import keeping
from jobs.keeping import Change, What, choosing, taking_back
from jobs.keeping.choosing import Step
from jobs.views.access import Request
from jobs.views.jobs.keeping.chosen import answered, nothing_done

SALT = "jobs.undo"
UNDO_SECONDS = 3600
"""For so long a click can be taken back; after that one says anew what one thinks."""
KEPT = get_args(What)


def token(request: Request, steps: Collection[Step | Change]) -> str:
    """What undoes these steps, for this person alone; nothing where nothing was changed."""
    if not steps:
        return ""
    told = [(each.video.hex, each.what, each.before, each.after) for each in steps]
    return signing.dumps((request.user.pk, told), salt=SALT, compress=True)


@require_POST
def undo(request: Request) -> HttpResponse:
    """Take one click back, for each video of which nobody has said anything else since."""
    try:
        whose, steps = signing.loads(request.POST.get("steps", ""), salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        whose, steps = None, []
    if whose != request.user.pk:
        return nothing_done(request, "This can’t be undone any more.")
    try:
        videos = _undone(request, steps)
    except (choosing.NotChosen, keeping.NotKept) as error:
        return nothing_done(request, error.user_message)
    said = ngettext("Undone for %d video.", "Undone for %d videos.", len(videos)) % len(videos)
    if videos:
        messages.success(request, said)
    else:
        messages.info(request, "Nothing was undone: somebody has changed it since.")
    return answered(request, videos, recounts=steps[0][1] in KEPT, undoes=True)


def _undone(request: Request, steps: list[Any]) -> list[UUID]:
    """All of one click are of one kind."""
    if steps[0][1] in KEPT:
        return keeping.undo([Change(UUID(v), *rest) for v, *rest in steps], request.user)
    return taking_back.undo([Step(UUID(v), *rest) for v, *rest in steps], request.user)
