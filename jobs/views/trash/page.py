"""The trash: what was deleted, how long it can still come back, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from jobs import keeping
from jobs.forms import digits
from jobs.letters import counts
from jobs.models import Job, Rendition
from jobs.models.jobs.job import Jobs
from jobs.models.jobs.rendition import picture_of
from jobs.views.access import Request
from jobs.views.jobs.keeping.filing import told
from jobs.views.meant import NoneMeant, as_seen, seen_in, still_as_seen, videos_meant
from jobs.views.proof import proof_required

PAGE_SIZE = 60
EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Thrown:
    """One video in the trash."""

    job: Job

    @property
    def file(self) -> Rendition | None:
        return picture_of(self.job)

    @property
    def days_left(self) -> int:
        """Whole days, of which the last has begun."""
        left = keeping.ends_on(cast("datetime", self.job.trashed_at)) - timezone.now()
        return max(left.days + 1, 0)


@require_safe
def page(request: Request) -> HttpResponse:
    """The newest first; an admin's with everybody's."""
    thrown = _thrown(request)
    rows = thrown.select_related("owner", "project", "trashed_by").prefetch_related("renditions")
    pages = Paginator(rows, PAGE_SIZE)
    shown = pages.get_page(digits(request.GET.get("page", "")) or 1)
    # As many as can be acted on at once, and more than are here to be ticked.
    is_offered = len(shown) < pages.count <= counts.COUNTED_MAX
    context = {
        "shown": shown,
        "rows": [Thrown(job) for job in shown],
        "number": pages.count,
        "seen": as_seen(list(thrown.values_list("pk", flat=True))) if is_offered else "",
        "days": settings.TRASH_DAYS,
    }
    return render(request, "trash/page.html", context)


@require_POST
def restore(request: Request) -> HttpResponse:
    if (ids := _meant(request)) is None:
        return redirect("trash")
    done = keeping.restore(ids, request.user)
    number = len(done.changes)
    said = ngettext("%d video restored.", "%d videos restored.", number) % number
    told(request, done, said, "Nothing was restored.", undoes=False)
    if len(done.videos) == 1 and request.POST.get("next") == "job":
        return redirect("job", done.videos[0])
    return redirect("trash")


@require_POST
@proof_required
def purge(request: Request) -> HttpResponse:
    """Delete for good: the files are gone, the books stay."""
    if (ids := _meant(request)) is None:
        return redirect("trash")
    done = keeping.purge(ids, request.user)
    number = len(done.changes)
    said = ngettext("%d video deleted for good.", "%d videos deleted for good.", number) % number
    told(request, done, said, "Nothing was deleted for good.", undoes=False)
    return redirect("trash")


def _thrown(request: Request) -> Jobs:
    """All that this person can bring back: the last ones first, takes in their order."""
    rows = Job.objects.trash_of(request.user).takes().filter(purged_at=None)
    return rows.order_by("-trashed_at", "-created_at", "take_group", "take", "-pk")


def _meant(request: Request) -> list[UUID] | None:
    """The videos that it is about, those that are named or with `everything` the whole trash as it
    was seen; None, and the reason told, where there are none.
    """
    try:
        if EVERYTHING not in request.POST:
            return videos_meant(request, at_least=1)
        seen = seen_in(request.POST[EVERYTHING])
        return still_as_seen(_thrown(request).filter(trashed_at__lte=seen.moment), seen)
    except NoneMeant as error:
        messages.error(request, error.user_message)
        return None
