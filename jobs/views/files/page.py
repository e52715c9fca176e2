"""Videos to take away: as a ZIP of their files, or as a sheet of paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.views.decorators.http import require_http_methods, require_safe

from jobs import file_names, sheets
from jobs.letters.variables import Text
from jobs.models import Team
from jobs.views.access import Request
from jobs.views.answers.packed import packed
from jobs.views.answers.zips import zip_given_out
from jobs.views.callers import listing_left
from jobs.views.files.plan import Plan, plan_of, zip_name
from jobs.views.files.sheet import asked_for, problem_of
from jobs.views.files.wanted import SIZES, VIDEOS_MAX, wanted_by
from jobs.views.meant import NoneMeant

NONE = "Tick videos in the {}, then press Download."
GONE = "These videos are no longer there, or you can’t see them."


@dataclass(frozen=True, slots=True)
class Size:
    """One of the sizes that a ZIP can have, as the page offers it."""

    value: str
    label: str
    plan: Plan

    @property
    def is_possible(self) -> bool:
        return bool(self.plan.found) and not self.plan.is_too_large


@packed
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """How the videos of this address can be taken away.

    With POST, what is ticked in the studio: it is led to the address of these.
    """
    try:
        wanted = wanted_by(request)
    except NoneMeant as error:
        return _nothing(request, error.user_message)
    if request.method == "POST":
        return redirect(wanted.address)
    if not wanted.videos:
        asks = wanted.missing or wanted.named
        return _nothing(request, GONE, 404) if asks else _nothing(request)
    pattern = _pattern()
    sizes = [Size(value, label, plan_of(wanted, value, pattern)) for value, label in SIZES.items()]
    chosen = next((size for size in sizes if size.is_possible), None)
    context: dict[str, Any] = {
        "wanted": wanted,
        "came_from": listing_left(request),
        "most": VIDEOS_MAX,
        "sizes": sizes,
        "chosen": chosen,
        "plan": (chosen or sizes[0]).plan,
        "bytes_max": settings.ZIP_BYTES_MAX,
        "papers": sheets.PAPERS,
        "columns": sheets.COLUMNS,
        "asked": asked_for(request),
        "no_sheet": problem_of(wanted),
    }
    return render(request, "files/page.html", context)


@require_safe
def videos_zip(request: Request) -> HttpResponseBase:
    """The ZIP. What keeps it from being made is said on the page where it was asked for."""
    try:
        wanted = wanted_by(request)
    except NoneMeant as error:
        return _nothing(request, error.user_message)
    limit = request.GET.get("size", "")
    plan = plan_of(wanted, limit if limit in SIZES else "", _pattern())
    problem = _problem(plan)
    if not problem:
        try:
            return zip_given_out(request, plan.packed(), zip_name(wanted))
        except OSError:
            problem = "A file vanished while the ZIP was begun. Try again."
    messages.error(request, problem)
    return redirect(wanted.address)


def _problem(plan: Plan) -> str:
    if not plan.found:
        return "None of these videos has a file at this size."
    if plan.is_too_large:
        return (
            f"That is {filesizeformat(plan.bytes)}, more than a ZIP can hold. Choose fewer videos."
        )
    return ""


def _pattern() -> Text:
    return file_names.template(Team.current().file_names)


def _nothing(request: Request, said: str = "", status: int = 200) -> HttpResponse:
    """Say why there is nothing to take away, and lead back to where videos are chosen."""
    came_from = listing_left(request)
    said = said or NONE.format(came_from.name.lower())
    context = {"said": said, "came_from": came_from}
    return render(request, "files/nothing.html", context, status=status)
