"""Public links, as the team makes, watches and ends them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs import addresses, shares
from jobs.forms import ShareForm, digits, search_words
from jobs.forms.shares import SWITCHES
from jobs.limits import TooMany
from jobs.models import Project, Rendition, ShareLink
from jobs.views.access import Request
from jobs.views.bell import saw
from jobs.views.callers import later
from jobs.views.one_time_link import tell, told
from jobs.views.shares.choice import OFFERED, Chosen, chosen_of, nothing_of_theirs, offered

LINKS_SHOWN = 200


@require_safe
def page(request: Request) -> HttpResponse:
    """One's own links; an admin's all of them."""
    links = ShareLink.objects.visible_to(request.user).with_answers()
    links = links.select_related("owner", "made_by", "project", "upgrade")
    up = set(ShareLink.objects.open().values_list("pk", flat=True))
    rows = [(link, link.pk in up) for link in links.prefetch_related("takes")[:LINKS_SHOWN]]
    context = {
        "open": [link for link, is_up in rows if is_up],
        "over": [link for link, is_up in rows if not is_up],
    }
    return render(request, "shares/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def new(request: Request) -> HttpResponse:
    """Choose videos, their order and terms; with its button pressed, make a link of them.

    What is ticked elsewhere is led here first.
    """
    data = request.POST if request.method == "POST" else request.GET
    if "selection" in request.POST:
        ticked = urlencode([("video", each) for each in data.getlist("video")[: shares.TAKES_MAX]])
        return redirect(f"{reverse('new-share')}?{ticked}")
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


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@sensitive_variables("address")
def link(request: Request, link_id: int) -> HttpResponse:
    """One link: how it is used, what it shows, and how it ends. With POST other terms."""
    found = _link(request, link_id)
    form = ShareForm(
        request.POST if request.method == "POST" else None,
        link=found,
        upgrade=_offer(request, found),
    )
    if form.is_valid():
        try:
            changed = shares.change(found, form.terms, request.user)
        except shares.NotShareable as error:
            _tell(form, error)
        else:
            said = f"Changed: {', '.join(changed)}." if changed else "Nothing changed."
            messages.success(request, said)
            return redirect("share", found.pk)
    saw(request, Q(note__link=found))
    takes = shares.takes_of(found)
    context = {
        "link": found,
        "form": form,
        "is_open": ShareLink.objects.open().filter(pk=found.pk).exists(),
        "takes": takes,
        "notes": found.notes.count(),
        "verdicts": list(shares.opinions(found)),
        "blocked": list(found.blocked.select_related("blocked_by")),
        "remark": shares.last_remark(found),
        "picked_place": shares.picked_place(found, takes),
        **_fresh_address(request, found),
    }
    return render(request, "shares/link.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: Request, link_id: int) -> HttpResponse:
    found = _link(request, link_id)
    if shares.revoke(found, request.user):
        messages.success(request, "Revoked. Its page and files are offline.")
    else:
        messages.warning(request, "This link was already revoked.")
    return redirect("share", found.pk)


@require_POST
def regenerate(request: Request, link_id: int) -> HttpResponse:
    """Another address for the same link; the old one is dead from then on."""
    found = _link(request, link_id)
    try:
        token = shares.regenerate(found, request.user)
    except (shares.NotShareable, TooMany) as error:
        messages.error(request, error.user_message)
        return redirect("share", found.pk)
    messages.success(request, "The link has a new address. The old one no longer works.")
    return _told(found, token)


def _created(request: Request, chosen: list[Chosen], project: Project | None) -> HttpResponse:
    """The link that the form asks for, or the form with what keeps it from being made."""
    form = _form(request, chosen, project, request.POST)
    too_many = None
    if form.is_valid():
        try:
            files = [each.file for each in chosen]
            link, token = shares.create(files, form.terms, request.user, project, key=form.key)
        except shares.NotShareable as error:
            _tell(form, error)
        except TooMany as error:
            too_many = error
            form.add_error(None, error.user_message)
        except shares.MadeBefore as made:
            messages.info(request, "This link was already created, and its address was shown then.")
            return redirect("share", made.link.pk)
        else:
            return _told(link, token)
    return later(_new_page(request, form, chosen, project, status=422), too_many)


def _form(
    request: Request, chosen: list[Chosen], project: Project | None, *args: Any, **kwargs: Any
) -> ShareForm:
    """The form of a new link to these, with what a larger copy of the pick would take."""
    files: Iterable[Rendition] = [each.file for each in chosen]
    if project:
        # The newest first, which can be made larger the longest.
        newest = shares.shareable(request.user).filter(job__project=project)[:OFFERED]
        files = [*files, *newest]
    return ShareForm(*args, upgrade=shares.offer_on(files, request.user), **kwargs)


def _tell(form: ShareForm, error: shares.NotShareable) -> None:
    """Say why it is not possible at the field at fault, if this person has that field."""
    form.add_error(error.field if error.field in form.fields else None, error.user_message)


def _offer(request: Request, link: ShareLink) -> shares.Offer | None:
    """The offer of a larger copy of the pick; others than who pays can only call it off."""
    if link.owner_id != request.user.pk and not link.awaits_pick:
        return None
    files = [take.rendition for take in link.takes.select_related("rendition__job")]
    return shares.offer_on(files, link.owner)


def _link(request: Request, link_id: int) -> ShareLink:
    links = ShareLink.objects.visible_to(request.user)
    links = links.select_related("owner", "made_by", "upgrade__source")
    return get_object_or_404(links, pk=link_id)


@sensitive_variables("token")
def _told(link: ShareLink, token: str) -> HttpResponse:
    """To the link's page, which shows its address; a reload makes nothing new."""
    return tell(reverse("share", args=[link.pk]), token)


@sensitive_variables("fresh", "address")
def _fresh_address(request: Request, link: ShareLink) -> dict[str, Any]:
    """The address, for minutes, in the browser that made it; nothing everywhere else."""
    fresh = told(request)
    try:
        if fresh is None or shares.find(fresh.token).pk != link.pk:
            return {}
    except shares.NoSuchLink:
        return {}
    address = addresses.public(reverse("shared", args=[fresh.token]), request)
    return {"address": address, "shown_until": fresh.until}


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
