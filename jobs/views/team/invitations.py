"""Links for new people: made and taken back by admins."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from jobs import limits, people
from jobs.forms import InviteForm
from jobs.limits import Limit, TooMany
from jobs.models import Invitation
from jobs.net import addresses
from jobs.views.access import Request, admin_required
from jobs.views.callers import later
from jobs.views.one_time_link import tell, told
from jobs.views.proof import proof_required

TERMS = ("project", "allowance", "credits")


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
@proof_required
@sensitive_variables("token")
def page(request: Request) -> HttpResponse:
    """The open invitations, and with POST a new one, whose link its maker is shown for minutes."""
    posted = request.POST if request.method == "POST" else None
    form, too_many = InviteForm(posted, initial=people.last_terms(request.user)), None
    if form.is_valid():
        data = form.cleaned_data
        try:
            limits.take(Limit.INVITATIONS, request.user.pk)
        except TooMany as error:
            too_many = error
            form.add_error(None, error.user_message)
        else:
            token = people.invite(
                data["role"],
                request.user,
                note=data["note"],
                allowance=data["allowance"] or 0,
                credits=data["credits"] or 0,
                project=data["project"],
            )
            return tell(reverse("invitations"), token)
    context = {
        "form": form,
        **_fresh_link(request),
        "days": people.VALID_DAYS,
        "is_as_before": not form.is_bound and any(form.initial.get(each) for each in TERMS),
        "invitations": Invitation.objects.open().select_related("invited_by", "project"),
    }
    status = 422 if form.errors else 200
    return later(render(request, "team/invitations.html", context, status=status), too_many)


@sensitive_variables("fresh", "address")
def _fresh_link(request: Request) -> dict[str, Any]:
    """The link of the invitation just made, and how long, while it still lets somebody in."""
    fresh = told(request)
    try:
        if fresh is None or (invitation := people.find(fresh.token)).invited_by != request.user:
            return {}
    except people.NotValid:
        return {}
    address = addresses.public(reverse("join", args=[fresh.token]), request)
    return {"link": address, "shown_until": fresh.until, "ends": invitation.expires_at}


@require_POST
@admin_required
def revoke(request: Request, invitation_id: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=invitation_id)
    if people.revoke(invitation, request.user):
        messages.success(request, "Invitation revoked. Its link no longer works.")
    else:
        messages.warning(request, "This invitation was already used, revoked or expired.")
    return redirect("invitations")
