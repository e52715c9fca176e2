"""Links for new people: made and taken back by admins, used by whoever was given one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from jobs import people
from jobs.forms import InviteForm, JoinForm
from jobs.models import Invitation, Team
from jobs.views.access import Request, admin_required
from jobs.views.fresh import tell, told


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
@sensitive_variables("token")
def page(request: Request) -> HttpResponse:
    """The open invitations, and with POST a new one, whose link its maker is shown for minutes."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        token = people.invite(data["role"], request.user, note=data["note"])
        return tell(reverse("invitations"), token)
    context = {
        "form": form,
        "link": _fresh_link(request),
        "days": people.VALID_DAYS,
        "invitations": Invitation.objects.open().select_related("invited_by"),
    }
    return render(request, "team/invitations.html", context, status=422 if form.errors else 200)


@sensitive_variables("token")
def _fresh_link(request: Request) -> str:
    """The link of the invitation just made, while it still lets somebody in; else ''."""
    token = told(request)
    try:
        if not token or people.find(token).invited_by != request.user:
            return ""
    except people.NotValid:
        return ""
    return request.build_absolute_uri(reverse("join", args=[token]))


@require_POST
@admin_required
def revoke(request: Request, invitation_id: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=invitation_id)
    if people.revoke(invitation, request.user):
        messages.success(request, "The invitation is revoked: its link leads nowhere any more.")
    else:
        messages.warning(request, "This invitation was used, revoked or expired already.")
    return redirect("invitations")


@login_not_required
@never_cache
@sensitive_post_parameters()
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Where a link leads: choose a name and a password, and be in."""
    try:
        response = _join(request, token)
    except people.NotValid:
        response = render(request, "accounts/invitation_over.html", status=404)
    # The host alone, never the path with its secret. With `no-referrer` a browser would also hide
    # the origin of the form, which the protection against foreign forms asks for.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _join(request: HttpRequest, token: str) -> HttpResponse:
    invitation = people.find(token)
    context = {"invitation": invitation, "team": Team.current()}
    if request.user.is_authenticated:
        return render(request, "accounts/join.html", context)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        person = form.save(commit=False)
        try:
            people.accept(token, person)
        except IntegrityError:
            form.add_error("username", "A user with that username already exists.")
        else:
            login(request, person)
            messages.success(request, f"Welcome to {Team.current().name or 'Dailies'}.")
            return redirect("studio")
    status = 422 if form.errors else 200
    return render(request, "accounts/join.html", {**context, "form": form}, status=status)
