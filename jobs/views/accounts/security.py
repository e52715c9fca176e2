"""What keeps one's account one's own: where one is signed in, and how to end that."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from jobs import people, sessions
from jobs.forms import EndSessionForm
from jobs.models import Session
from jobs.people.signing_in import second_factor
from jobs.views.access import Request
from jobs.views.accounts.signing_in.second.offered import passkeys_work
from jobs.views.http.gate import lacks_second_factor
from jobs.views.proof import proof_required


@dataclass(frozen=True, slots=True)
class Place:
    """One of somebody's sessions, as they can tell it from the others."""

    session: Session
    browser: str
    is_this: bool


@require_safe
def page(request: Request) -> HttpResponse:
    this = sessions.hashed(request.session.session_key or "")
    places = [
        Place(session, _browser(session.browser), session.pk == this)
        for session in sessions.of(request.user)
    ]
    # The one that the person looks from comes first, whichever was used last.
    places.sort(key=lambda place: not place.is_this)
    context = {
        "places": places,
        "sso_name": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "is_connected": people.single_sign_on.is_connected(request.user),
        "factors": second_factor.of(request.user),
        "passkeys_work": passkeys_work(request),
        "lacks_second_factor": lacks_second_factor(request),
        "idle_hours": settings.SESSION_IDLE_HOURS,
        "links_by_mail": people.password_links.by_mail(),
        "days": settings.SESSION_DAYS,
    }
    return render(request, "accounts/security.html", context)


@require_POST
@proof_required
def end_session(request: Request) -> HttpResponse:
    """End the session that the form names, or all but this one where it names none."""
    form = EndSessionForm(request.POST)
    if not form.is_valid():
        return redirect("security")
    which = form.cleaned_data["session"]
    this = request.session.session_key or ""
    if not which:
        ended = people.end_others(request.user, this)
        elsewhere = "1 other browser" if ended == 1 else f"{ended} other browsers"
        messages.success(request, f"You are signed out in {elsewhere}.")
    elif which != sessions.hashed(this):
        # One that has ended meanwhile is as gone as was asked for.
        people.end_own(request.user, which)
        messages.success(request, "You are signed out there.")
    return redirect("security")


def _browser(agent: str) -> str:
    """Firefox on Linux, as far as the browser says so."""
    # Only now: its rules take a tenth of a second, and no other page asks for them.
    from ua_parser import parse  # noqa: PLC0415

    found = parse(agent)
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Unknown browser"
