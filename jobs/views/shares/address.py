"""The address of a link: shown again, made anew, and told to the page of the link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from jobs import shares
from jobs.limits import TooMany
from jobs.models import ShareLink
from jobs.net import addresses
from jobs.views.access import Request
from jobs.views.one_time_link import tell, told
from jobs.views.proof import proof_required


@require_POST
@proof_required
@sensitive_variables("token")
def show(request: Request, link_id: int) -> HttpResponse:
    """Its address once more, for minutes, to who has proved of late who they are."""
    found = link_of(request, link_id)
    try:
        token = shares.tell(found, request.user)
    except shares.NotKnown as error:
        messages.error(request, error.user_message)
        return redirect("share", found.pk)
    return lead_to(found, token)


@require_POST
def regenerate(request: Request, link_id: int) -> HttpResponse:
    """Another address for the same link; the old one is dead from then on."""
    found = link_of(request, link_id)
    try:
        token = shares.regenerate(found, request.user)
    except (shares.NotShareable, TooMany) as error:
        messages.error(request, error.user_message)
        return redirect("share", found.pk)
    messages.success(request, "The link has a new address. The old one no longer works.")
    return lead_to(found, token)


def link_of(request: Request, link_id: int) -> ShareLink:
    """One that this person answers for; an admin's any."""
    links = ShareLink.objects.visible_to(request.user)
    links = links.select_related("owner", "made_by", "upgrade__source")
    return get_object_or_404(links, pk=link_id)


@sensitive_variables("token")
def lead_to(link: ShareLink, token: str) -> HttpResponse:
    """To the link's page, which shows its address; a reload makes nothing new."""
    return tell(reverse("share", args=[link.pk]), token)


@sensitive_variables("fresh", "address")
def fresh_address(request: Request, link: ShareLink) -> dict[str, Any]:
    """The address, for minutes, in the browser that made it; nothing everywhere else."""
    fresh = told(request)
    try:
        if fresh is None or shares.find(fresh.token).pk != link.pk:
            return {}
    except shares.NoSuchLink:
        return {}
    address = addresses.public(reverse("shared", args=[fresh.token]), request)
    return {"address": address, "shown_until": fresh.until}
