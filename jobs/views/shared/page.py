"""The page behind a public link, its gate, and what visitors say there."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jobs import shares
from jobs.forms import ReviewForm, UnlockForm, digits
from jobs.limits import TooMany
from jobs.models import ShareLink, Team
from jobs.views.answers.packed import packed
from jobs.views.callers import caller, later
from jobs.views.shared import visitors
from jobs.views.shared.link import (
    PASS,
    TakeView,
    compared_before,
    count_visit,
    may_pass,
    page_context,
    public,
    set_cookie,
    shown_on,
    take_to_show,
)


@packed
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@public
def page(request: HttpRequest, link: ShareLink, token: str) -> HttpResponseBase:
    """The player and the takes, or the gate of a link with a password."""
    if not may_pass(request, link):
        return _door(request, link) or _with_pass(redirect("shared", token), link, token)
    found = shown_on(link, token)
    wanted = digits(request.GET.get("take", ""))
    now = next((each for each in found if each.take.place == wanted), found[0])
    context = page_context(request, link, token, found, now)
    context["form"] = _review_form(request, now)
    context["is_blocked"] = link.takes_notes and shares.is_blocked(
        link, visitors.id_of(request), caller(request)
    )
    context["blocked_sentence"] = shares.BLOCKED
    context["start"] = digits(request.GET.get("t", "").partition(".")[0])
    response = render(request, "shared/page.html", context)
    count_visit(request, response, link, token)
    return response


@packed
@require_POST
@sensitive_post_parameters("password")
@public
def review(
    request: HttpRequest, link: ShareLink, token: str, rendition_id: UUID
) -> HttpResponseBase:
    """Take a visitor's note: a comment, a pick, an approval, a wish for changes.

    Where the link's password is asked for anew, what they wrote goes its way with it.
    """
    if may_pass(request, link):
        return _take_note(request, link, token, rendition_id)
    if door := _door(request, link):
        return door
    return _with_pass(_take_note(request, link, token, rendition_id), link, token)


def _take_note(
    request: HttpRequest, link: ShareLink, token: str, rendition_id: UUID
) -> HttpResponseBase:
    take = take_to_show(request, link, rendition_id)
    found = shown_on(link, token)
    now = next(each for each in found if each.take.place == take.place)
    visitor = visitors.id_of(request) or secrets.token_urlsafe(16)
    form = ReviewForm(request.POST, seconds=take.file.seconds)
    too_many = None
    back = redirect(compared_before(request, token) or f"{now.page}#review")
    if form.is_of_a_program:
        # It is told what a person would be told, and nothing is kept.
        return back
    if form.is_valid():
        data = form.cleaned_data
        try:
            shares.say(
                link,
                take.shared,
                data["kind"],
                name=data["name"],
                visitor=visitor,
                address=caller(request),
                text=data["text"],
                seconds=data["at"],
            )
        except shares.NoteRefused as error:
            # It may be over since it was found: nothing of it is shown any more then.
            take_to_show(request, shares.find(token), rendition_id)
            form.add_error(None, error.user_message)
        except TooMany as error:
            too_many = error
            form.add_error(None, error.user_message)
        else:
            visitors.remember(back, token, visitor, data["name"])
            return back
    context = {**page_context(request, link, token, found, now), "form": form}
    response = render(request, "shared/page.html", context, status=422)
    return later(response, too_many)


def _review_form(request: HttpRequest, now: TakeView) -> ReviewForm:
    return ReviewForm(initial={"name": visitors.name_of(request)}, seconds=now.file.seconds)


def _door(request: HttpRequest, link: ShareLink) -> HttpResponse | None:
    """The gate, with a note that was sent without a pass; None once the password is right."""
    carried = {name: request.POST[name] for name in ReviewForm.base_fields if name in request.POST}
    is_tried = request.method == "POST" and (not carried or "password" in request.POST)
    form = UnlockForm(request.POST if is_tried else None)
    status, refused = 200, None
    if form.is_bound:
        status = 422
        try:
            if form.is_valid():
                if shares.unlock(link, form.cleaned_data["password"], caller(request)):
                    # As the browser will say it from the next request on.
                    request.COOKIES[PASS] = shares.pass_for(link)
                    return None
                form.add_error("password", "Wrong password.")
        except TooMany as error:
            refused = error
            form.add_error("password", error.user_message)
    context = {"form": form, "team": Team.current(), "carried": carried}
    response = render(request, "shared/password.html", context, status=status)
    return later(response, refused)


def _with_pass(response: HttpResponseBase, link: ShareLink, token: str) -> HttpResponseBase:
    set_cookie(response, PASS, shares.pass_for(link), reverse("shared", args=[token]))
    return response
