"""The answer to a choice of how pages look: back to where it was made."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from jobs.views.access import Request


def back(request: Request) -> HttpResponse:
    """Lead back to `next`, on this site alone; script has shown the choice already, and stays."""
    there = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(there, allowed_hosts={request.get_host()}):
        there = resolve_url("studio")
    return HttpResponse(status=204) if request.htmx else HttpResponseRedirect(there)
