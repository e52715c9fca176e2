"""Settings of the whole team: its name, the reset day, what a credit is worth."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods

from jobs import file_names, ledger, people
from jobs.forms import TeamForm
from jobs.models import Team
from jobs.views.access import Request, admin_required
from jobs.views.proof import proof_required


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
@proof_required
def page(request: Request) -> HttpResponse:
    team = Team.current()
    form = TeamForm(request.POST if request.method == "POST" else None, instance=team)
    if form.is_valid():
        changed = people.change_settings(request.user, **form.cleaned_data)
        if changed:
            messages.success(request, f"Saved: {get_text_list(changed, 'and')}.")
        return redirect("team-settings")
    current = Team.current()
    context = {
        "form": form,
        "resets_on": ledger.standing_of_team(current).resets_on,
        "example": file_names.example_of(current.file_names),
    }
    return render(request, "team/settings.html", context, status=422 if form.errors else 200)
