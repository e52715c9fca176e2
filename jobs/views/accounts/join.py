"""The page behind an invitation's link: a new person chooses a name and a password."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from jobs import people
from jobs.forms import JoinForm
from jobs.letters import isolated
from jobs.models import Team
from jobs.views.accounts.signing_in.adapter import let_in


@login_not_required
@never_cache
@sensitive_post_parameters()
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """The form, and with POST a new member who is signed in at once."""
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
    context = {
        "invitation": invitation,
        "team": Team.current(),
        "token": token,
        "sso_name": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
    }
    if request.user.is_authenticated:
        return render(request, "accounts/join.html", context)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        person = form.save(commit=False)
        try:
            people.accept(token, person)
        except IntegrityError:
            form.say_taken()
        else:
            messages.success(request, f"Welcome to {isolated(Team.current().name or 'Dailies')}.")
            # The composer takes the project from there.
            first = people.first_project(person)
            begin = f"?project={first}" if first else ""
            return let_in(request, person, reverse("studio") + begin)
    status = 422 if form.errors else 200
    return render(request, "accounts/join.html", {**context, "form": form}, status=status)
