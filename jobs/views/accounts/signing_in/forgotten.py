"""For who forgot their password: asking for a link, and the page behind it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from jobs import limits, people
from jobs.forms import ForgotForm, NewPasswordForm
from jobs.net.floods import Limit
from jobs.views.accounts.signing_in import known_browsers
from jobs.views.callers import caller, later

SIGNS_IN = "signs_in"
"""In the session: the name of whoever has just set a new password, for the form that comes next."""


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Have a link mailed, where that is possible; else tell whom to ask for one."""
    by_mail = people.password_links.by_mail()
    form = ForgotForm(request.POST if request.method == "POST" and by_mail else None)
    context = {"form": form if by_mail else None, "hours": people.password_links.MAILED_HOURS}
    if form.is_valid():
        try:
            limits.take(Limit.PASSWORD_MAILS_OF_ADDRESS, caller(request))
        except limits.TooMany as too_many:
            form.add_error(None, too_many.user_message)
            return later(render(request, "accounts/forgot.html", context), too_many)
        people.password_links.ask(form.cleaned_data["who"])
        context["is_asked"] = True
    status = 422 if form.errors else 200
    return render(request, "accounts/forgot.html", context, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters()
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest, token: str) -> HttpResponse:
    """Set a new password with a link; signing in with it is the next step, and not skipped."""
    try:
        response = _new_password(request, token)
    except people.NotValid:
        response = render(request, "accounts/password_link_over.html", status=404)
    # As on the page of an invitation: the host alone, never the path with its secret.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


@sensitive_variables("token")
def _new_password(request: HttpRequest, token: str) -> HttpResponse:
    link = people.password_links.find(token)
    form = NewPasswordForm(link.person, request.POST if request.method == "POST" else None)
    if form.is_valid():
        address = request.META.get("REMOTE_ADDR", "")
        person = people.password_links.use(token, form.cleaned_data["new_password1"], address)
        # Whoever was signed in here: what comes now is the sign-in of the link's owner.
        logout(request)
        request.session[SIGNS_IN] = person.username
        messages.success(request, "Your new password is set. Sign in with it.")
        response = redirect("login")
        # Whoever has the link is the owner: no stranger's guesses hold them up.
        known_browsers.remember(request, response, person)
        return response
    status = 422 if form.errors else 200
    return render(
        request, "accounts/new_password.html", {"form": form, "link": link}, status=status
    )
