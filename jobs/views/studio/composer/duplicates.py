"""Before paying: whether somebody on the team has made the same already."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from jobs import lifecycle
from jobs.forms import ComposerForm
from jobs.views.access import Request


@require_POST
def page(request: Request) -> HttpResponse:
    """Show what there is of the settings as they stand in the composer; mostly nothing."""
    form = ComposerForm(request.POST, user=request.user)
    same = None
    if form.is_valid():
        same = lifecycle.already_made(request.user, form.submission, form.key, form.take_count)
    return render(request, "studio/_duplicate.html", {"same": same, "form": form})
