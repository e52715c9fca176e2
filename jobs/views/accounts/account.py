"""The first admin, and one's own theme."""

from __future__ import annotations

import logging
from functools import cache, partial

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jobs.forms import SetupForm
from jobs.limits import TooMany
from jobs.models import User
from jobs.people import first_admin
from jobs.views.access import Request
from jobs.views.accounts.signing_in.adapter import let_in
from jobs.views.callers import caller, later
from jobs.views.shell.back import back

logger = logging.getLogger(__name__)


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Create the first admin. While there is any user, this page does not exist."""
    if User.objects.exists():
        raise Http404
    try_code, refused = None, None
    if first_admin.needs_code(request.META.get("REMOTE_ADDR", "")):
        _say_code_once()
        try_code = partial(first_admin.is_code, address=caller(request))
    form = SetupForm(request.POST or None, try_code=try_code)
    try:
        if form.is_bound and form.is_valid():
            user = form.save(commit=False)
            data = form.cleaned_data
            first_admin.make_first_admin(user, data["starting_credits"], data["team_name"])
            return let_in(request, user)
    except TooMany as error:
        refused = error
        form.add_error("code", error.user_message)
    except IntegrityError as error:
        # Somebody else finished this form at the same moment.
        raise Http404 from error
    context = {"form": form, "practice": settings.PRACTICE}
    status = 422 if form.errors else 200
    response = render(request, "accounts/setup.html", context, status=status)
    return later(response, refused)


@cache
def _say_code_once() -> None:
    """In the log, for who has a proxy in front that no setting tells of: `prepare` was silent."""
    if not settings.OPEN_TO_OTHERS:
        logger.warning(
            "Somebody opened the setup page from another machine. The setup code is %s",
            first_admin.code(),
        )


@require_POST
def theme(request: Request) -> HttpResponse:
    """Keep the chosen theme, and go back to where it was chosen."""
    wanted = request.POST.get("theme", "")
    if wanted in ("", "light", "dark"):
        User.objects.filter(pk=request.user.pk).update(theme=wanted)
    return back(request)
