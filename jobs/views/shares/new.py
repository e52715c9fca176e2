"""The form that makes a link: its videos, their order and its terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from jobs import shares
from jobs.forms import ShareForm, digits, search_words
from jobs.forms.shares.terms import SWITCHES
from jobs.limits import TooMany
from jobs.models import Project, Rendition
from jobs.views.access import Request
from jobs.views.callers import called_from, later
from jobs.views.meant import NoneMeant, videos_meant
from jobs.views.shares.address import lead_to
from jobs.views.shares.choice import OFFERED, Chosen, chosen_of, nothing_of_theirs, offered


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def page(request: Request) -> HttpResponse:
    """Choose videos, their order and terms; with its button pressed, make a link of them.

    What is ticked elsewhere is led here first.
    """
    data = request.POST if request.method == "POST" else request.GET
    if "selection" in request.POST:
        return _led_here(request)
    chosen = chosen_of(request, data.getlist("take"), data.getlist("video"))
    number = digits(data.get("project", ""))
    project = Project.objects.filter(pk=number).first() if number is not None else None
    if request.method != "POST" and (reason := nothing_of_theirs(request, chosen, project)):
        return render(request, "shares/not_theirs.html", {"reason": reason})
    if request.method != "POST":
        first = {"title": project.name if project else "", **ShareForm.fresh_key()}
        return _new_page(request, _form(request, chosen, project, initial=first), chosen, project)
    if (arranged := _arranged(request, chosen)) is not None:
        form = _form(request, arranged, project, initial=_typed(request))
        return _new_page(request, form, arranged, project)
    return _created(request, chosen, project)


def _led_here(request: Request) -> HttpResponse:
    """To this form, with what is ticked elsewhere, as much as a link holds."""
    try:
        meant = videos_meant(request)
    except NoneMeant as error:
        messages.error(request, error.user_message)
        return redirect(called_from(request) or "studio")
    if len(meant) > shares.TAKES_MAX:
        most = shares.TAKES_MAX
        messages.info(request, f"A link holds up to {most} videos. These are the first {most}.")
    ticked = urlencode([("video", each) for each in meant[: shares.TAKES_MAX]])
    return redirect(f"{reverse('new-share')}?{ticked}")


def _created(request: Request, chosen: list[Chosen], project: Project | None) -> HttpResponse:
    """The link that the form asks for, or the form with what keeps it from being made."""
    form = _form(request, chosen, project, request.POST)
    too_many = None
    if form.is_valid():
        try:
            files = [each.file for each in chosen]
            link, token = shares.create(files, form.terms, request.user, project, key=form.key)
        except shares.NotShareable as error:
            form.refuse(error)
        except TooMany as error:
            too_many = error
            form.add_error(None, error.user_message)
        except shares.MadeBefore as made:
            messages.info(request, "This link was already created. You can show its address here.")
            return redirect("share", made.link.pk)
        else:
            return lead_to(link, token)
    return later(_new_page(request, form, chosen, project, status=422), too_many)


def _form(
    request: Request, chosen: list[Chosen], project: Project | None, *args: Any, **kwargs: Any
) -> ShareForm:
    """The form of a new link to these, with what a larger copy of the pick would take."""
    files: Iterable[Rendition] = [each.file for each in chosen]
    if project:
        # The newest first, which can be made larger the longest.
        newest = shares.shareable_jobs(request.user, project).values_list("pk", flat=True)[:OFFERED]
        files = [*files, *shares.shareable(request.user).filter(job__in=list(newest))]
    return ShareForm(*args, upgrade=shares.offer_on(files, request.user), **kwargs)


def _arranged(request: Request, chosen: list[Chosen]) -> list[Chosen] | None:
    """The choice after an arrow, a cross or a plus was pressed; None where the form was sent."""
    data = request.POST
    places = {str(each.video): place for place, each in enumerate(chosen)}
    places |= {str(each.file.pk): place for place, each in enumerate(chosen)}
    is_enter_in_search = "enter" in data and (data.get("words") or data["enter"] == "found")
    if "search" in data or is_enter_in_search:
        return chosen
    if "add" in data:
        there = {each.video for each in chosen}
        added = chosen_of(request, [data["add"]])
        return [*chosen, *(each for each in added if each.video not in there)]
    for name, step in (("up", -1), ("down", 1), ("remove", 0)):
        place = places.get(data.get(name, ""))
        if name not in data:
            continue
        if place is None:
            return chosen
        file = chosen.pop(place)
        if step:
            chosen.insert(max(place + step, 0), file)
        return chosen
    return None


def _typed(request: Request) -> dict[str, Any]:
    """The contents of the form so far. A password is never sent back: only that there was one."""
    data = request.POST
    switches = {name: name in data for name in (*SWITCHES, "upgrades_pick", "without_password")}
    was_typed = bool(data.get("password") or data.get("password_was_typed"))
    kept = {**ShareForm.fresh_key(), **data.dict(), **switches}
    return {**kept, "password": "", "password_was_typed": was_typed}


def _new_page(
    request: Request,
    form: ShareForm,
    chosen: list[Chosen],
    project: Project | None,
    status: int = 200,
) -> HttpResponse:
    data = request.POST if request.method == "POST" else request.GET
    words = search_words(data.get("words", ""))
    context = {
        "form": form,
        "chosen": chosen,
        "project": project,
        "offered": offered(request, chosen, words),
        "words": words,
        "is_full": len(chosen) >= shares.TAKES_MAX,
        "only_own": not shares.shares_others(request.user),
    }
    return render(request, "shares/new.html", context, status=status)
