"""How somebody is shown, and where they are written to."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from jobs import people
from jobs.forms import AddressForm, ShownNameForm
from jobs.letters import isolated
from jobs.limits import TooMany
from jobs.people import profile
from jobs.views.access import Request
from jobs.views.callers import later
from jobs.views.proof import proof_required_where


@require_http_methods(["GET", "HEAD", "POST"])
@proof_required_where(lambda request: "email" in request.POST)
def page(request: Request) -> HttpResponse:
    """One's own name and address; with POST another one of either."""
    if "email" in request.POST:
        return _write_to(request)
    if "display_name" in request.POST:
        return _rename(request)
    if "forget" in request.POST:
        profile.end_links(request.user)
        messages.success(request, "The new address was forgotten.")
        return redirect("profile")
    return _page(request)


def _rename(request: Request) -> HttpResponse:
    form = ShownNameForm(request.POST)
    if not form.is_valid():
        return _page(request, name=form, status=422)
    wanted = form.cleaned_data["display_name"]
    try:
        profile.rename(request.user, wanted)
    except ValidationError as error:
        form.add_error("display_name", error)
        return _page(request, name=form, status=422)
    shown = wanted or request.user.username
    messages.success(request, f"Everyone reads your name as {isolated(shown)} from now on.")
    return redirect("profile")


def _write_to(request: Request) -> HttpResponse:
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, address=form, status=422)
    email = form.cleaned_data["email"]
    if not email:
        profile.remove_address(request.user)
        messages.success(request, "You won’t get any emails.")
    elif email == request.user.email:
        profile.end_links(request.user)
        messages.success(request, f"Emails go to {email}, as before.")
    elif not profile.can_confirm():
        form.add_error(
            "email", "Email isn’t set up on this server, so no address can be confirmed."
        )
        return _page(request, address=form, status=422)
    else:
        try:
            profile.ask_address(request.user, email)
        except TooMany as too_many:
            form.add_error("email", too_many.user_message)
            return later(_page(request, address=form, status=429), too_many)
        messages.success(request, f"We sent a link to {email}. Open it to confirm the address.")
    return redirect("profile")


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: Request, token: str) -> HttpResponse:
    """The link that was mailed to a new address. Opening it changes nothing: programs that look at
    mails do that; its button does.
    """
    try:
        if request.method == "POST":
            email = profile.confirm_address(token, request.user)
            messages.success(request, f"Confirmed. Emails go to {email} from now on.")
            return redirect("profile")
        context = {"link": profile.find_link(token, request.user)}
        response = render(request, "accounts/confirm_address.html", context)
    except people.NotValid:
        response = render(request, "accounts/address_link_over.html", status=404)
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _page(
    request: Request,
    *,
    name: ShownNameForm | None = None,
    address: AddressForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    waiting = profile.waiting_address(user)
    context: dict[str, Any] = {
        "name_form": name or ShownNameForm(initial={"display_name": user.display_name}),
        "address_form": address or AddressForm(initial={"email": user.email}),
        "waiting": waiting,
        "hours": profile.HOURS,
        "has_mail": settings.HAS_MAIL,
        "can_confirm": profile.can_confirm(),
        "links_by_mail": people.password_links.by_mail(),
    }
    return render(request, "accounts/profile.html", context, status=status)
